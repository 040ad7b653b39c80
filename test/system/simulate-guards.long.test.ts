import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { GUARDS } from './simulate/guards.ts';
import type { Hunted } from './simulate/hunt.ts';

const HUNT = join(import.meta.dirname, 'simulate/hunt.ts');

test.each(GUARDS.filter(({ rareSeeds }) => rareSeeds !== undefined))(
  'a simulation notices that there is no $guard',
  async ({ guard, shows }) => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--disable-warning=ExperimentalWarning',
      HUNT,
      guard,
    ]);
    const found = JSON.parse(stdout) as Hunted;
    expect(shows).toContain(found.without[0]?.invariant);
    expect(found.with).toEqual([]);
  },
);
