import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { GUARDS } from './simulate/guards.ts';
import type { Hunted } from './simulate/hunt.ts';

const HUNT = join(import.meta.dirname, 'simulate/hunt.ts');
/** A minute of processor time on a quiet machine; several times that on a busy one. */
const LIMIT_MS = 15 * 60_000;

describe('a simulation notices that there is no', () => {
  let hunted: readonly Hunted[] = [];
  beforeAll(async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--disable-warning=ExperimentalWarning',
      HUNT,
    ]);
    hunted = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Hunted);
  }, LIMIT_MS);

  test.each(GUARDS)('$guard', ({ guard, shows }) => {
    const found = hunted.find((one) => one.guard === guard);
    const invariants = found?.without.map(({ invariant }) => invariant) ?? [];
    expect(shows).toEqual(expect.arrayContaining(invariants.slice(0, 1)));
    expect(invariants).not.toEqual([]);
    // The program as it is passes the same seeds.
    expect(found?.with).toEqual([]);
  });
});
