import { describe, expect, test } from 'vitest';
import { runTill } from '../support/till.ts';

const FIRST_SEED = 1_000;
const SEEDS = 2_000;
/** Seeds of one test: a failure names its hundred, and `-t` runs one alone. Five minutes with two quiet cores. */
const SEEDS_EACH = 100;
/** On a busy machine it takes several times as long. */
const LIMIT_MS = 60 * 60_000;

const ranges = Array.from(
  { length: SEEDS / SEEDS_EACH },
  (_, nth) => FIRST_SEED + nth * SEEDS_EACH,
);

describe(`${SEEDS} seeds of nine tills and a day violate nothing`, () => {
  test.each(ranges)(
    `a hundred from %i on`,
    async (first) => {
      const { stdout, stderr } = await runTill([
        'simulate',
        'sync',
        ...['--seed', String(first), '--seeds', String(SEEDS_EACH)],
        ...['--tills', '9', '--hours', '24', '--json'],
      ]);
      expect(stderr).toBe('');
      const found = JSON.parse(stdout);
      console.info(`seeds from ${first}: ${found.entries} entries`);
      expect(found).toMatchObject({ seeds: SEEDS_EACH, violations: [] });
      expect(found.entries).toBeGreaterThanOrEqual(SEEDS_EACH * 9 * 20);
    },
    LIMIT_MS,
  );
});
