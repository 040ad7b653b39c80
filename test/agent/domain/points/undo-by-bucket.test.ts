import { describe, expect, test } from 'vitest';
import { undoByBucket } from '../../../../agent/domain/points/undo-by-bucket.ts';

const MOVES = [
  { lotId: 'old', bucket: 'base', delta: -30 },
  { lotId: 'meal', bucket: 'meal', delta: -10 },
  { lotId: 'young', bucket: 'base', delta: -20 },
  { lotId: 'made', bucket: 'base', delta: 8 },
  { lotId: 'owed', bucket: 'base', delta: 5 },
];

describe('undoing the points of a sale', () => {
  test('takes each category in the order in which it was moved', () => {
    expect(undoByBucket(MOVES, [], { earned: { base: 9 }, spent: { base: 35, meal: 4 } })).toEqual([
      30, 4, 5, 8, 1,
    ]);
  });

  test('goes on where the returns before it ended', () => {
    const first = undoByBucket(MOVES, [], { earned: { base: 9 }, spent: { base: 35, meal: 4 } });
    expect(
      undoByBucket(MOVES, first, { earned: { base: 4 }, spent: { base: 15, meal: 6 } }),
    ).toEqual([0, 6, 15, 0, 4]);
  });

  test('makes up for a category that was not noted by line with the others', () => {
    expect(undoByBucket(MOVES, [], { earned: {}, spent: { base: 60 } })).toEqual([
      30, 10, 20, 0, 0,
    ]);
  });
});
