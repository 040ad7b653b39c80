import { expect, test } from 'vitest';
import { formatTable } from './format-table.ts';
import { compare, median } from './measure.ts';

test('the median of an odd and of an even count', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
});

test('a comparison runs both sides equally often and gives ratio, medians and samples', async () => {
  const calls: string[] = [];
  const result = await compare({
    name: 'a',
    baselineName: 'b',
    samples: 4,
    timesPerSample: 10,
    ours: () => void calls.push('ours'),
    baseline: () => void calls.push('baseline'),
  });
  expect(calls.filter((call) => call === 'ours')).toHaveLength(7);
  expect(calls.filter((call) => call === 'baseline')).toHaveLength(7);
  expect(calls.slice(6)).toEqual([
    'ours',
    'baseline',
    'baseline',
    'ours',
    'ours',
    'baseline',
    'baseline',
    'ours',
  ]);
  expect(result).toMatchObject({ name: 'a', baselineName: 'b', unit: 'us/op', samples: 4 });
  expect(result.ratio).toBeGreaterThan(0);
});

test('work that counts its turns sees as many as it was told', async () => {
  const turns = { ours: 0, baseline: 0 };
  const count =
    (side: keyof typeof turns) =>
    (times: number): void => {
      turns[side] += times;
    };
  await compare({
    name: 'a',
    baselineName: 'b',
    samples: 2,
    timesPerSample: 5,
    ours: count('ours'),
    baseline: count('baseline'),
  });
  expect(turns).toEqual({ ours: 25, baseline: 25 });
});

test('the table names the baseline and ends each line with the ratio', () => {
  const table = formatTable([
    {
      name: 'member lookup',
      unit: 'us/op',
      ours: 12.345,
      baseline: 10,
      baselineName: 'bare SELECT',
      ratio: 1.2345,
      samples: 31,
    },
  ]);
  expect(table).toContain('member lookup  12.3  10.0      us/op  bare SELECT  31       1.23x\n');
});

test('the table shows the 99th percentile beside the median where it is known', () => {
  const one = { name: 'a', unit: 'us/op', ours: 12.345, baseline: 10, baselineName: 'b' };
  const table = formatTable([{ ...one, ratio: 1, samples: 1, oursP99: 99, baselineP99: 100 }]);
  expect(table).toContain('a          12.3 (p99 99.0)  10.0 (p99 100)  us/op');
});
