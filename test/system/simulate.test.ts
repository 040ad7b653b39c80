import { describe, expect, test } from 'vitest';
import { simulate } from '../../agent/main/simulate/simulate.ts';
import { runTill } from '../support/till.ts';

/** A short chain: what is proved with it does not need a day. */
const SHORT = { tills: 3, stores: 2, hours: 8, sales: 20, jobs: 1 };
/** A seed takes some 5 s of processor time. The long test runs more. */
const SEEDS = 200;
const TILLS = 9;
/** Loaded into the process of a simulation: it ends with 7 as soon as it is asked for a seed. */
const ENDS_AT_FIRST = `--import=data:text/javascript,process.on('message',()=>process.exit(7))`;
const SALES_PER_DAY = 20;
/** Eight minutes on a quiet machine with two cores; several times that on a busy one. */
const LIMIT_MS = 60 * 60_000;

describe('`till simulate sync`', () => {
  test('says the same of a seed each time, event by event', async () => {
    const run = () => simulate({ ...SHORT, seed: 5, seeds: 1 });
    const [[one], [other]] = await Promise.all([run(), run()]);
    expect(one?.lines).toBeGreaterThan(20);
    expect(other).toEqual(one);
  }, 300_000);

  test(
    `finds no violation in a day of nine tills in three stores, for ${SEEDS} seeds`,
    async () => {
      const { code, stdout, stderr } = await runTill([
        ...['simulate', 'sync', '--seeds', `${SEEDS}`, '--tills', `${TILLS}`],
        ...['--stores', '3', '--hours', '24', '--json'],
      ]);
      expect(stderr).toBe('');
      const found = JSON.parse(stdout);
      expect(found).toMatchObject({ seeds: SEEDS, tills: TILLS, hours: 24, violations: [] });
      expect(found.sales).toBeGreaterThanOrEqual(SEEDS * TILLS * SALES_PER_DAY);
      expect(code).toBe(0);
    },
    LIMIT_MS,
  );

  test('reports a seed whose process ends as violated, and goes on with the others', async () => {
    const reports = await simulate({ ...SHORT, seed: 1, seeds: 2, nodeArguments: [ENDS_AT_FIRST] });
    expect(reports.map(({ seed }) => seed)).toEqual([1, 2]);
    for (const { violations } of reports)
      expect(violations).toMatchObject([
        { invariant: 'crash', detail: expect.stringContaining('7') },
      ]);
  }, 300_000);

  test.each([
    ['--tills', '0'],
    ['--seeds', 'many'],
    ['--hours', '99999'],
    ['--sales', '0'],
    ['--sales', '2001'],
  ])('refuses %s %s and names the option', async (option, value) => {
    const { code, stdout } = await runTill(['simulate', 'sync', option, value, '--json']);
    expect(code).toBe(2);
    expect(JSON.parse(stdout).error.message.en).toContain(`${option} `);
  });
});
