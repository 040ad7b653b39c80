import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { MUTANT_KINDS, MUTANTS } from './mutants.ts';

const SEED = 1;
const PAIRS = 4_000;
/** An engine that a mistake sends round in circles is ended, and no test here passes. */
const LIMIT_MS = 120_000;

/** What was found, by number of the mutant; -1 is the engine as it is. */
const saidOf = new Map<number, string>();

beforeAll(async () => {
  const script = join(import.meta.dirname, 'compare-mutants.ts');
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [script, String(SEED), String(PAIRS)],
    { timeout: LIMIT_MS, maxBuffer: 16 * 1024 * 1024 },
  );
  for (const line of stdout.trim().split('\n')) {
    const { number, said } = JSON.parse(line) as { number: number; said: string };
    saidOf.set(number, said.slice(0, 300));
  }
}, LIMIT_MS * 1.5);

test.each(MUTANT_KINDS)('a mistake of the kind "%s" is planted', (wanted) => {
  expect(MUTANTS.map(({ kind }) => kind)).toContain(wanted);
});

describe('the oracle', () => {
  test('agrees with the engine as it is', () => {
    expect(saidOf.get(-1)).toBe('agree');
  });

  test.each(MUTANTS.map((mutant, number) => ({ ...mutant, number })))(
    'notices that $mistake',
    ({ number }) => {
      expect(saidOf.get(number)).toMatch(/^differ: /);
    },
  );
});
