import { describe, expect, test } from 'vitest';
import { simulate } from '../../agent/main/simulate/simulate.ts';
import { runTill } from '../support/till.ts';

/** Short chains: what is proved here does not need a day. */
const SHORT = { tills: 3, stores: 2, hours: 8, jobs: 1 };

describe('`till simulate sync`', () => {
  test('two runs of a seed are the same, line by line', async () => {
    const [[one], [other]] = await Promise.all([
      simulate({ ...SHORT, seed: 5, seeds: 1 }),
      simulate({ ...SHORT, seed: 5, seeds: 1 }),
    ]);
    expect(one?.lines).toBeGreaterThan(20);
    expect(other?.hash).toBe(one?.hash);
    expect(other?.events).toBe(one?.events);
  });

  test('a day of nine tills in three stores violates nothing, for 200 seeds', async () => {
    const { code, stdout, stderr } = await runTill([
      'simulate',
      'sync',
      ...['--seeds', '200', '--tills', '9', '--hours', '24', '--json'],
    ]);
    expect(stderr).toBe('');
    const found = JSON.parse(stdout);
    expect(found).toMatchObject({ seeds: 200, tills: 9, hours: 24, violations: [] });
    // At least 20 sales for each till and day.
    expect(found.sales).toBeGreaterThanOrEqual(200 * 9 * 20);
    expect(code).toBe(0);
  }, 1_200_000);

  test.each([
    ['--tills', '0'],
    ['--seeds', 'many'],
    ['--hours', '99999'],
  ])('%s %s is refused with the option that is wrong', async (option, value) => {
    const { code, stdout } = await runTill(['simulate', 'sync', option, value, '--json']);
    expect(code).toBe(2);
    expect(JSON.parse(stdout).error.message.en).toContain(`${option} `);
  });
});
