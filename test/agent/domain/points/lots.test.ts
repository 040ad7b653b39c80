import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LotId, MemberId, PointsLot } from '../../../../agent/contract/index.ts';
import {
  expiringPoints,
  pointsBalance,
  spendablePoints,
  spendFromLots,
  undoMoves,
} from '../../../../agent/domain/points/lots.ts';

const TODAY = '2026-11-21';

function lot(lotId: string, points: number, expiresOn?: string, bucket = 'base'): PointsLot {
  return {
    lotId: lotId as LotId,
    memberId: 'm' as MemberId,
    points,
    earnedAt: '2026-01-01T00:00:00.000Z',
    ...(expiresOn === undefined ? {} : { expiresOn }),
    channel: 'store',
    bucket,
    source: 'test',
  };
}

describe('points in lots', () => {
  test('count on their last day and not after it, while what is owed stays owed', () => {
    const lots = [
      lot('a', 10, TODAY),
      lot('b', 20, '2026-11-20'),
      lot('c', -3, '2026-11-20'),
      lot('d', 5),
    ];
    expect(pointsBalance(lots, TODAY)).toBe(12);
  });

  test('of a category are no money: only base points are spendable, less what is owed', () => {
    expect(spendablePoints([lot('a', 10), lot('g', 50, undefined, 'green')], TODAY)).toBe(10);
    expect(spendablePoints([lot('a', 10), lot('o', -4)], TODAY)).toBe(6);
    expect(spendablePoints([lot('a', 10), lot('g', -20, undefined, 'green')], TODAY)).toBe(0);
    expect(spendablePoints([lot('o', -4)], TODAY)).toBe(0);
  });

  test('that expire soon are counted with the first day', () => {
    const lots = [
      lot('a', 10, '2026-12-01'),
      lot('b', 5, '2026-11-25'),
      lot('c', 7, '2027-01-01'),
      lot('d', 9),
      lot('e', 4, '2026-11-20'),
    ];
    expect(expiringPoints(lots, TODAY, '2026-12-21')).toEqual({
      points: 15,
      firstOn: '2026-11-25',
    });
    expect(expiringPoints([], TODAY, '2026-12-21')).toEqual({ points: 0, firstOn: undefined });
  });

  test('are spent in the order given, never from expired, owed or category lots', () => {
    const lots = [
      lot('old', 9, '2026-11-20'),
      lot('a', 10, '2026-12-01'),
      lot('owed', -5),
      lot('g', 30, undefined, 'green'),
      lot('b', 10),
    ];
    expect(spendFromLots(lots, 15, TODAY)).toEqual({
      moves: [
        { lotId: 'a', delta: -10 },
        { lotId: 'b', delta: -5 },
      ],
      owed: 0,
    });
    expect(spendFromLots(lots, 25, TODAY)).toEqual({
      moves: [
        { lotId: 'a', delta: -10 },
        { lotId: 'b', delta: -10 },
      ],
      owed: 5,
    });
    expect(spendFromLots(lots, 0, TODAY)).toEqual({ moves: [], owed: 0 });
  });

  test('undone in parts come back to their own lots, each point once', () => {
    const moves = [
      { lotId: 'a', delta: -10 },
      { lotId: 'b', delta: -5 },
    ];
    expect(undoMoves(moves, 0, 4)).toEqual([{ lotId: 'a', delta: 4 }]);
    expect(undoMoves(moves, 4, 8)).toEqual([
      { lotId: 'a', delta: 6 },
      { lotId: 'b', delta: 2 },
    ]);
    expect(undoMoves(moves, 15, 1)).toEqual([]);
  });
});

test('undoing in any parts undoes the whole', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 6 }),
      fc.boolean(),
      fc.array(fc.nat(40), { maxLength: 20 }),
      (sizes, earned, parts) => {
        const moves = sizes.map((size, index) => ({
          lotId: `l${index}`,
          delta: earned ? size : -size,
        }));
        const total = sizes.reduce((sum, size) => sum + size, 0);
        const left = new Map(moves.map((move) => [move.lotId, move.delta]));
        let done = 0;
        for (const part of [...parts, total]) {
          const points = Math.min(part, total - done);
          for (const { lotId, delta } of undoMoves(moves, done, points))
            left.set(lotId, (left.get(lotId) ?? 0) + delta);
          done += points;
        }
        expect([...left.values()].every((value) => value === 0)).toBe(true);
      },
    ),
  );
});
