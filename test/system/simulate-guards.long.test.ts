import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { simulate } from '../../agent/main/simulate/simulate.ts';
import { GUARDS } from './simulate/guards.ts';

const HOOK = pathToFileURL(join(import.meta.dirname, 'simulate/without-guard.ts')).href;

describe('a simulation notices that there is no', () => {
  test.each(GUARDS.map((guard, number) => ({ ...guard, number })))(
    '$guard',
    async ({ number, seed, seeds }) => {
      const reports = await simulate({
        seed,
        seeds,
        tills: 4,
        stores: 2,
        hours: 12,
        jobs: 1,
        stopAtFirst: true,
        nodeArguments: [
          '--disable-warning=ExperimentalWarning',
          '--import',
          `${HOOK}?guard=${number}`,
        ],
      });
      expect(reports.flatMap(({ violations }) => violations)).not.toEqual([]);
    },
    300_000,
  );
});
