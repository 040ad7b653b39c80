import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MUTANT_KINDS, MUTANTS, type Mutant } from './mutants.ts';

const ROOT = join(import.meta.dirname, '../..');
const PAIRS = 4_000;
const COPIED = [
  'agent/contract',
  'agent/domain',
  'sync/hq/publish',
  'demo/prng.ts',
  'test/oracle',
  'package.json',
];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tillside-mutants-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Two copies at a time: the tills that run this have two cores. */
const turns: Promise<unknown>[] = [Promise.resolve(), Promise.resolve()];
function inTurn<T>(index: number, work: () => Promise<T>): Promise<T> {
  const lane = index % turns.length;
  const done = (turns[lane] ?? Promise.resolve()).then(work);
  // The test that asked gets the failure; the next one only has to wait its turn.
  turns[lane] = done.catch(() => undefined);
  return done;
}

/** Compares in a copy of the engine, changed or not, in a process of its own. */
async function compareCopy(
  name: string,
  mutant?: Mutant,
): Promise<{ code: number | null; said: string }> {
  const copy = join(folder, name);
  for (const path of COPIED) cpSync(join(ROOT, path), join(copy, path), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'), 'dir');
  if (mutant !== undefined) {
    const path = join(copy, 'agent/domain', mutant.file);
    const parts = readFileSync(path, 'utf8').split(mutant.was);
    expect(parts.length, `${mutant.file} holds ${mutant.was} exactly once`).toBe(2);
    writeFileSync(path, parts.join(mutant.is));
  }
  const script = join(copy, 'test/oracle/compare-and-tell.ts');
  const child = spawn(process.execPath, [script, '1', String(PAIRS)], {
    cwd: copy,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      said += text;
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  return { code, said };
}

test.each(MUTANT_KINDS)('a mistake of the kind "%s" is planted', (wanted) => {
  expect(MUTANTS.map(({ kind }) => kind)).toContain(wanted);
});

describe.concurrent('the oracle', { timeout: 120_000 }, () => {
  test('agrees with the engine as it is', async () => {
    expect(await inTurn(1, () => compareCopy('as-it-is'))).toEqual({ code: 0, said: 'agree\n' });
  });

  test.each(MUTANTS.map((mutant, index) => ({ ...mutant, index })))(
    'notices that $mistake',
    async ({ index, ...mutant }) => {
      const { code, said } = await inTurn(index, () => compareCopy(`mutant-${index}`, mutant));
      expect({ code, said: said.slice(0, 300) }).toEqual({
        code: 1,
        said: expect.stringMatching(/^differ: /),
      });
    },
  );
});
