import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { areas } from './boundaries.ts';
import { repositoryRoot } from './read-sources.ts';

const bin = (name: string): string => join(repositoryRoot, 'node_modules', '.bin', name);

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tillside-arch-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, text: string): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** Lints one text under our rules as if it stood at this path; gives what the linter prints. */
function lint(path: string, text: string): { status: number | null; output: string } {
  write('biome.json', readFileSync(join(repositoryRoot, 'biome.json'), 'utf8'));
  write(path, text);
  const args = ['lint', '--colors=off', '--vcs-enabled=false', path];
  const result = spawnSync(bin('biome'), args, { cwd: folder, encoding: 'utf8' });
  return { status: result.status, output: `${result.stdout}${result.stderr}` };
}

test.each([
  ['agent/contract/a.ts', '../domain/a.ts', 'shared kernel'],
  ['agent/domain/a.ts', '../store/open.ts', 'The domain is pure'],
  ['agent/domain/a.ts', 'node:fs', 'The domain is pure'],
  ['agent/store/a.ts', '../app/a.ts', 'The store keeps facts'],
  ['agent/app/a.ts', '../../drivers/scanner/serial.ts', 'Use cases see devices'],
  ['agent/api/a.ts', '../store/open.ts', 'The API translates'],
  ['drivers/scanner/a.ts', '../../agent/contract/member.ts', 'A driver knows devices'],
  ['sync/client/a.ts', '../../agent/app/a.ts', 'Sync imports its protocol'],
  ['sync/hq/a.ts', '../../agent/store/a.ts', 'HQ shares the contract'],
  ['ui/app/a.ts', '../../agent/app/a.ts', 'Screens see the agent'],
  ['demo/a.ts', 'node:fs', 'The demo chain is generated'],
])('the linter tells the author of %s why %s is not for it', (path, specifier, sentence) => {
  const { status, output } = lint(
    path,
    `import { a } from '${specifier}';\n\nexport const b = a;\n`,
  );
  expect(status).toBe(1);
  expect(output).toContain(sentence);
});

test('the linter refuses any', () => {
  const { status, output } = lint('agent/app/any.ts', 'export const a = (b: any): number => b;\n');
  expect(status).toBe(1);
  expect(output).toContain('noExplicitAny');
});

test('the linter lets an ordinary import pass', () => {
  const text = `import { a } from '../contract/money.ts';\n\nexport const b = a;\n`;
  expect(lint('agent/domain/ordinary.ts', text)).toMatchObject({ status: 0 });
});

interface Project {
  readonly compilerOptions: { readonly types?: readonly string[] };
  readonly references: readonly { readonly path: string }[];
}

function project(folder: string): Project {
  return JSON.parse(readFileSync(join(repositoryRoot, folder, 'tsconfig.json'), 'utf8')) as Project;
}

test('the type checker knows no node: module in the pure areas', () => {
  for (const folder of ['agent/contract', 'agent/domain', 'drivers/contract', 'demo']) {
    expect(areas.find((area) => area.folder === folder)?.node).toBe(false);
    expect(project(folder).compilerOptions.types ?? [], folder).toEqual([]);
  }
});

test('an area of the type checker refuses a file that it does not reference', () => {
  const base = join(repositoryRoot, 'tsconfig.base.json');
  write('outside.ts', 'export const a = 1;\n');
  write('inside.ts', `import { a } from './outside.ts';\nimport 'node:fs';\nexport const b = a;\n`);
  write('tsconfig.json', JSON.stringify({ extends: base, files: ['inside.ts'] }));
  const result = spawnSync(bin('tsc'), ['-p', folder, '--noEmit'], { encoding: 'utf8' });
  expect(result.status).not.toBe(0);
  expect(result.stdout).toContain('TS6307');
  expect(result.stdout).toMatch(/node:fs/);
});
