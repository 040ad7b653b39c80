import { expect, it } from 'vitest';
import {
  DIFFERENCE_VALUE_MAX_CHARS,
  DIFFERENCES_MAX,
  firstDifferences,
} from '../../../../agent/domain/benefits/first-differences.ts';

it('finds nothing between values of one canonical text, whatever the order of their keys', () => {
  expect(firstDifferences({ a: 1, b: [{ c: 'x' }] }, { b: [{ c: 'x' }], a: 1 })).toEqual([]);
});

it('names the path of each value that is other, missing or added', () => {
  expect(
    firstDifferences({ lines: [{ paid: 3 }, { paid: 4 }], gone: null }, { lines: [{ paid: 2 }] }),
  ).toEqual([
    { path: 'lines.0.paid', stored: '3', replayed: '2' },
    { path: 'lines.1', stored: '{"paid":4}' },
    { path: 'gone', stored: 'null' },
  ]);
  expect(firstDifferences({ a: [] }, { a: {} })).toEqual([
    { path: 'a', stored: '[]', replayed: '{}' },
  ]);
});

it('names a bounded number of them and quotes a bounded part of each', () => {
  const many = Array.from({ length: DIFFERENCES_MAX + 1 }, (_, at) => at);
  const found = firstDifferences(many, many.map(String));
  expect(found).toHaveLength(DIFFERENCES_MAX);
  const [fits, cut] = firstDifferences(
    ['x'.repeat(DIFFERENCE_VALUE_MAX_CHARS - 2), 'x'.repeat(DIFFERENCE_VALUE_MAX_CHARS - 1)],
    [1, 1],
  );
  expect(fits?.stored).toHaveLength(DIFFERENCE_VALUE_MAX_CHARS);
  expect(cut?.stored?.endsWith('…')).toBe(true);
});
