import { expect, test } from 'vitest';
import { runTill } from '../support/till.ts';

/** An hour and a half on a quiet machine with two cores. */
const LIMIT_MS = 6 * 60 * 60_000;

test(
  '2,000 seeds of nine tills and a day violate nothing',
  async () => {
    const { stdout, stderr } = await runTill([
      'simulate',
      'sync',
      ...['--seed', '1000', '--seeds', '2000', '--tills', '9', '--hours', '24', '--json'],
    ]);
    expect(stderr).toBe('');
    const found = JSON.parse(stdout);
    expect(found).toMatchObject({ seeds: 2_000, violations: [] });
    expect(found.entries).toBeGreaterThanOrEqual(2_000 * 9 * 20);
  },
  LIMIT_MS,
);
