import { expect, test } from 'vitest';
import { against, interleave, percentile, ROUNDS_MIN } from './interleave.ts';

test('a percentile is the smallest value that so many of the values do not exceed', () => {
  const values = Array.from({ length: 200 }, (_, n) => 200 - n);
  expect(percentile(values, 99)).toBe(198);
  expect(percentile(values, 100)).toBe(200);
  expect(percentile([7], 99)).toBe(7);
});

test('candidates run in turn, another one first in each round, and one round before counts for nothing', async () => {
  const calls: string[] = [];
  const candidate = (name: string, perRound: number) => ({
    name,
    perRound,
    run: () => void calls.push(name),
  });
  const times = await interleave([candidate('a', 2), candidate('b', 1)], 2);
  expect(calls.join('')).toBe('aab' + 'baa' + 'aab');
  expect(times.get('a')?.map((round) => round.length)).toEqual([2, 2]);
  expect(times.get('b')?.map((round) => round.length)).toEqual([1, 1]);
});

test('on a slow machine fewer rounds will do, and never fewer than a few', async () => {
  let runs = 0;
  const candidate = { name: 'a', run: () => void runs++ };
  const times = await interleave([candidate], ROUNDS_MIN + 3, 0);
  expect(times.get('a')).toHaveLength(ROUNDS_MIN);
  expect(runs).toBe(ROUNDS_MIN + 1);
  expect((await interleave([candidate], ROUNDS_MIN + 3, 60_000)).get('a')).toHaveLength(
    ROUNDS_MIN + 3,
  );
});

test('a candidate that answers later is waited for', async () => {
  let running = 0;
  const run = async (): Promise<void> => {
    running += 1;
    await new Promise((resolve) => setImmediate(resolve));
    expect(running).toBe(1);
    running -= 1;
  };
  await interleave([{ name: 'a', run }], 2);
  expect(running).toBe(0);
});

test('one candidate against another gives medians, percentiles and the ratio round by round', () => {
  const times = new Map([
    ['ours', [[10, 20, 30], [40]]],
    ['theirs', [[10], [10, 20, 30]]],
  ]);
  expect(against(times, 'name', 'ours', 'theirs')).toEqual({
    name: 'name',
    unit: 'us/op',
    ours: 25,
    baseline: 15,
    baselineName: 'theirs',
    ratio: 2,
    samples: 2,
    oursP99: 40,
    baselineP99: 30,
  });
});
