// Compares the engine as it is, then with each planted mistake, in a process of its own, where modules can be changed
// as they are loaded: `node compare-mutants.ts SEED PAIRS` prints what it found, one line of JSON for each engine.
import { readFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type DrawnSet, drawSet } from './draw-set.ts';
import { MUTANTS } from './mutants.ts';

/** One draw of lots to so many pairs. */
const LOTS = 4;
const MARK = '?mutant=';

const [seed, pairs] = process.argv.slice(2).map(Number);
if (seed === undefined || pairs === undefined) throw new Error('usage: compare-mutants SEED PAIRS');
const first = { seed, pairs };

const root = pathToFileURL(`${join(import.meta.dirname, '../..')}/`).href;
const DOMAIN = `${root}agent/domain/`;
/** What is loaded anew for every mutant: the engine and what asks it. The oracle stays as it is. */
const ENGINE = [
  DOMAIN,
  ...['agree', 'lots', 'view'].map((name) => `${root}test/oracle/${name}.ts`),
];
/** And this for those that headquarters notices: its publishing. */
const PUBLISHING = [`${root}sync/hq/publish/`, `${root}test/oracle/draw-set.ts`];
/** The mutants whose file was loaded and changed. */
const changed = new Set<number>();

registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    const [, mark] = context.parentURL?.split(MARK) ?? [];
    if (mark === undefined) return found;
    const isPublishing = MUTANTS[Number(mark)]?.isPublishing === true;
    const anew = isPublishing ? [...ENGINE, ...PUBLISHING] : ENGINE;
    const isAnew = anew.some((start) => found.url.startsWith(start));
    return isAnew ? { ...found, url: `${found.url}${MARK}${mark}` } : found;
  },
  load(url, context, next) {
    const [file = '', mark] = url.split(MARK);
    if (mark === undefined) return next(url, context);
    const source = plainSource(file);
    const mutant = MUTANTS[Number(mark)];
    if (mutant === undefined || file !== `${DOMAIN}${mutant.file}`)
      return { format: 'module', shortCircuit: true, source };
    const parts = source.split(mutant.was);
    if (parts.length !== 2)
      throw new Error(`${mutant.file} must hold this exactly once: ${mutant.was}`);
    changed.add(Number(mark));
    return { format: 'module', shortCircuit: true, source: parts.join(mutant.is) };
  },
});

const sources = new Map<string, string>();
/** Without its types, which are taken out once for all mutants. */
function plainSource(file: string): string {
  const source =
    sources.get(file) ?? stripTypeScriptTypes(readFileSync(fileURLToPath(file), 'utf8'));
  sources.set(file, source);
  return source;
}

const kept = new Map<number, DrawnSet>();
function keptSet(setSeed: number): DrawnSet {
  const set = kept.get(setSeed) ?? drawSet(setSeed);
  kept.set(setSeed, set);
  return set;
}

/** @param number -1 is the engine as it is */
async function compare(number: number): Promise<string> {
  const { firstDisagreement }: typeof import('./agree.ts') = await import(
    `./agree.ts${MARK}${number}`
  );
  const { lotsDisagreement }: typeof import('./lots.ts') = await import(
    `./lots.ts${MARK}${number}`
  );
  const mutant = MUTANTS[number];
  if (mutant !== undefined && !changed.has(number)) return `nobody loads ${mutant.file}`;
  const inLots = () => lotsDisagreement(first.seed, Math.ceil(first.pairs / LOTS));
  // What is published with a mistake can serve no other engine.
  const setOf = mutant?.isPublishing === true ? undefined : keptSet;
  const inBaskets = () => firstDisagreement(first.seed, first.pairs, setOf);
  const found =
    mutant?.file.startsWith('points/') === true
      ? (inLots() ?? inBaskets())
      : (inBaskets() ?? inLots());
  return found === null ? 'agree' : `differ: ${JSON.stringify(found.engine)}`;
}

for (let number = -1; number < MUTANTS.length; number += 1) {
  const said = await compare(number).catch((error: unknown) => `failed: ${String(error)}`);
  process.stdout.write(`${JSON.stringify({ number, said })}\n`);
}
