import { expect, test } from 'vitest';
import { formatTable } from './format-table.ts';

const result = {
  name: 'one',
  unit: 'us/op',
  ours: 5,
  baseline: 100,
  baselineName: 'bare',
  ratio: 0.05,
  samples: 3,
};

test('a table has one line a benchmark, and below it what the figures show, by name', () => {
  const lines = formatTable([result, { ...result, name: 'two', ratio: 2, notes: ['as before'] }])
    .trimEnd()
    .split('\n');
  expect(lines.map((line) => line.split(/ {2,}/).at(-1))).toEqual([
    'ratio',
    '0.050x',
    '2.00x',
    '',
    'two: as before',
  ]);
  expect(formatTable([result]).split('\n')).toHaveLength(3);
});
