import { expect, it } from 'vitest';
import { expectNothingLostOrDoubled } from './kill-expectations.ts';
import { chooseSeed, sellUnderKills } from './kill-sales.ts';

it('kill -9 at 10 random points of 300 sales: every sale the POS saw committed is there once, no other', {
  timeout: 240_000,
}, async () => {
  const seed = chooseSeed();
  process.stdout.write(`kill test: seed ${seed}; TILLSIDE_SEED=${seed} replays it\n`);
  const report = await sellUnderKills({ seed, sales: 300, kills: 10 });
  expect(report.kills).toBe(10);
  expect(
    [...report.acknowledged.values()].some(({ pointsSpent }) => pointsSpent > 0),
    'points were spent',
  ).toBe(true);
  expectNothingLostOrDoubled(report);
});
