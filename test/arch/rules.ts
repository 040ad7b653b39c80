import { posix } from 'node:path';
import {
  type Area,
  areas,
  barrels,
  clockFiles,
  clockFolders,
  entries,
  machineFiles,
  nodeFiles,
  simulatedFolders,
} from './boundaries.ts';
import type { ImportOf, SourceFile } from './source-file.ts';

/** One sentence for each way in which the sources break the table; empty when they keep it. */
export type Violations = string[];

type Sources = readonly SourceFile[];

/** Who may import whom, packages and `node:` modules included. */
export function boundaryViolations(sources: Sources): Violations {
  return sources.flatMap((file) => {
    const area = areaOf(file.path);
    if (area === undefined) return [`${file.path} lies in no folder of the table`];
    return file.imports.flatMap((one) => {
      const wrong = one.specifier.startsWith('.')
        ? localViolation(file, area, one)
        : packageViolation(file, area, one.specifier);
      return wrong === null ? [] : [`${file.path} ${wrong}, because ${area.because}`];
    });
  });
}

/** Relative imports that name no file of the sources. */
export function unresolvedImports(sources: Sources): Violations {
  const paths = new Set(sources.map(({ path }) => path));
  return sources.flatMap((file) =>
    file.imports
      .filter(({ specifier }) => /^\..*\.[jt]sx?$/.test(specifier) || /^\.[^.]*$/.test(specifier))
      .filter(({ specifier }) => !paths.has(resolve(file, specifier)))
      .map(
        ({ specifier }) => `${file.path} imports ${specifier}, which is no file; name it with .ts`,
      ),
  );
}

/** Only the shell may name electron, even for a type. */
export function electronViolations(sources: Sources): Violations {
  return sources
    .filter(({ path }) => !path.startsWith('ui/shell/'))
    .filter(({ imports }) => imports.some(({ specifier }) => packageOf(specifier) === 'electron'))
    .map(({ path }) => `${path} names electron, which only ui/shell may`);
}

/** Files that only pass on the exports of others. */
export function barrelViolations(sources: Sources): Violations {
  return sources
    .filter(({ path, isBarrel }) => isBarrel && !barrels.includes(path))
    .map(({ path }) => `${path} only passes on exports; import the files themselves`);
}

/** Reads of the machine's clock or random source where they must be passed in. */
export function clockViolations(sources: Sources): Violations {
  return sources
    .filter(
      ({ path }) =>
        ![...entries, ...clockFiles].includes(path) && !clockFolders.some((f) => inFolder(path, f)),
    )
    .flatMap(({ path, machineReads }) =>
      machineReads.map(
        (read) => `${path} uses ${read}; take the clock or the source as an argument`,
      ),
    );
}

/** Timers and network of the machine where a simulation has to be able to take their place. */
export function waitViolations(sources: Sources): Violations {
  return sources
    .filter(({ path }) => simulatedFolders.some((folder) => inFolder(path, folder)))
    .filter(({ path }) => !machineFiles.some((place) => path === place || inFolder(path, place)))
    .flatMap(({ path, machineWaits = [] }) =>
      machineWaits.map((wait) => `${path} uses ${wait}; take the timers as an argument`),
    );
}

/** Circles of imports that run at load time; type imports may go round. */
export function cycles(sources: Sources): Violations {
  const graph = new Map(sources.map((file) => [file.path, localTargets(file, ['value'])]));
  const state = new Map<string, 'open' | 'closed'>();
  const found: Violations = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (state.get(path) === 'closed') return;
    if (state.get(path) === 'open') {
      found.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
      return;
    }
    state.set(path, 'open');
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
    state.set(path, 'closed');
  };
  for (const path of graph.keys()) visit(path, []);
  return found;
}

/** Files that no process, page or script reaches: dead code, or a part not yet wired. */
export function unreachedFiles(sources: Sources, pageEntries: readonly string[]): Violations {
  const byPath = new Map(sources.map((file) => [file.path, file]));
  const reached = new Set<string>();
  const open = [...entries, ...pageEntries];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const file = byPath.get(path);
    if (file === undefined || reached.has(path)) continue;
    reached.add(path);
    open.push(...localTargets(file, ['value', 'type', 'dynamic', 'url']));
  }
  return sources
    .filter(({ path }) => !reached.has(path) && !path.endsWith('.d.ts'))
    .map(({ path }) => `${path} is reached by no process, page or script`);
}

function localViolation(file: SourceFile, area: Area, one: ImportOf): string | null {
  const target = areaOf(resolve(file, one.specifier));
  if (target === undefined) return `imports ${one.specifier}, outside the folders of the table`;
  if (target === area || area.imports.includes(target.folder)) return null;
  if (target.folder === 'scripts' && nodeFiles.includes(file.path)) return null;
  if (area.typeImports?.includes(target.folder)) {
    return one.kind === 'type' ? null : `may import only types of ${target.folder}`;
  }
  return `may not import ${target.folder} (${one.specifier})`;
}

function packageViolation(file: SourceFile, area: Area, specifier: string): string | null {
  if (specifier.startsWith('node:')) {
    return area.node || nodeFiles.includes(file.path) ? null : `may not import ${specifier}`;
  }
  const allowed = area.packages === 'any' || area.packages.includes(packageOf(specifier));
  return allowed ? null : `may not import the package ${packageOf(specifier)}`;
}

function areaOf(path: string): Area | undefined {
  return areas
    .filter(({ folder }) => inFolder(path, folder) || path === `${folder}.ts`)
    .sort((a, b) => b.folder.length - a.folder.length)[0];
}

function localTargets(file: SourceFile, kinds: readonly ImportOf['kind'][]): string[] {
  return file.imports
    .filter(({ specifier, kind }) => specifier.startsWith('.') && kinds.includes(kind))
    .map(({ specifier }) => resolve(file, specifier));
}

function resolve(file: SourceFile, specifier: string): string {
  return posix.join(posix.dirname(file.path), specifier);
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function inFolder(path: string, folder: string): boolean {
  return path.startsWith(`${folder}/`);
}
