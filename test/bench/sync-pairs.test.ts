import { expect, test } from 'vitest';
import { comparePairs, once, percentile } from './sync-pairs.ts';

test('pairs alternate their order, and the ratio is the median of the ratios pair by pair', async () => {
  const calls: string[] = [];
  const ours = [10, 40, 90];
  const baseline = [5, 10, 30];
  const take = (side: string, figures: number[]) => async () => {
    calls.push(side);
    return figures.shift() ?? 0;
  };
  const result = await comparePairs({
    name: 'a',
    unit: 'rows/s',
    baselineName: 'b',
    samples: 3,
    ours: take('ours', ours),
    baseline: take('baseline', baseline),
  });
  expect(calls).toEqual(['ours', 'baseline', 'baseline', 'ours', 'ours', 'baseline']);
  expect(result).toEqual({
    name: 'a',
    unit: 'rows/s',
    baselineName: 'b',
    ours: 40,
    baseline: 10,
    ratio: 3,
    samples: 3,
  });
});

test('a percentile is a value that was measured, and the largest where there are too few to tell', () => {
  const values = Array.from({ length: 200 }, (_, n) => 200 - n);
  expect(percentile(values, 0.5)).toBe(100);
  expect(percentile(values, 0.99)).toBe(198);
  expect(percentile([7, 3], 0.99)).toBe(7);
  expect(() => percentile([], 0.5)).toThrow('a percentile of nothing');
});

test('figures of one measurement share it', async () => {
  let taken = 0;
  const measured = once(async () => ++taken);
  expect([await measured(), await measured()]).toEqual([1, 1]);
});
