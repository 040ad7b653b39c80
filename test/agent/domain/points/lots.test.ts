import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LotId, MemberId, PointsLot } from '../../../../agent/contract/index.ts';
import { addDays } from '../../../../agent/domain/calendar/day.ts';
import {
  expiringPoints,
  inSpendingOrder,
  type LotMove,
  payDebts,
  pendingPoints,
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

  test('that are owed are paid from what can be spent of their category, the first expiry first, and as far as it goes', () => {
    const waits = { ...lot('w', 50), availableOn: '2026-11-22' };
    const lots = [
      lot('late', 30, '2027-06-30'),
      lot('soon', 20, '2026-12-31'),
      lot('gone', 99, '2026-11-20'),
      waits,
      lot('o1', -25, '2026-11-20'),
      lot('o2', -40),
      lot('g', -5, undefined, 'green'),
    ];
    expect(payDebts(lots, TODAY)).toEqual([
      { lotId: 'soon', delta: -20 },
      { lotId: 'late', delta: -5 },
      { lotId: 'o1', delta: 25 },
      { lotId: 'late', delta: -25 },
      { lotId: 'o2', delta: 25 },
    ]);
    expect(payDebts(lots, TODAY, ({ lotId }) => lotId === 'o2')).toEqual([
      { lotId: 'soon', delta: -20 },
      { lotId: 'late', delta: -20 },
      { lotId: 'o2', delta: 40 },
    ]);
  });

  test('that are reserved are taken off their category before what is owed is kept back', () => {
    const lots = [lot('a', 100), lot('g', 50, undefined, 'green'), lot('h', -60, undefined, 'h')];
    expect(spendablePoints(lots, TODAY, 'green', { base: 100 })).toBe(0);
    expect(spendablePoints(lots, TODAY, 'green', { base: 50 })).toBe(40);
    expect(spendablePoints(lots, TODAY, 'base', { green: 50 })).toBe(40);
    // Promised of a category whose points are gone: kept back from the others.
    expect(spendablePoints([lot('a', 100)], TODAY, 'base', { green: 30 })).toBe(70);
  });

  test('of a category are no base points, nor those of base of the category; what is owed is taken off', () => {
    const both = [lot('a', 10), lot('g', 50, undefined, 'green')];
    expect(spendablePoints(both, TODAY)).toBe(10);
    expect(spendablePoints(both, TODAY, 'green')).toBe(50);
    expect(spendablePoints(both, TODAY, 'red')).toBe(0);
    expect(spendablePoints([lot('a', 10), lot('o', -4)], TODAY)).toBe(6);
    expect(spendablePoints([lot('a', 10), lot('g', -20, undefined, 'green')], TODAY)).toBe(0);
    expect(spendablePoints([lot('o', -4)], TODAY)).toBe(0);
  });

  test('owed of a category that it does not hold are kept back from base, then from the others by name', () => {
    const lots = [
      lot('a', 10),
      lot('g', 50, undefined, 'green'),
      lot('m', 7, undefined, 'meal'),
      lot('r', 5, undefined, 'red'),
      lot('r-owed', -25, undefined, 'red'),
    ];
    // 20 of red are owed: all 10 of base, and 10 of the 50 of green.
    const free = ['base', 'green', 'meal', 'red'].map((one) => spendablePoints(lots, TODAY, one));
    expect(free).toEqual([0, 40, 7, 0]);
  });

  test('that wait are in no balance and pay for nothing until their day, which counts', () => {
    const lots = [
      { ...lot('today', 3), availableOn: TODAY },
      { ...lot('soon', 20, '2027-01-01'), availableOn: '2026-11-22' },
      { ...lot('late', 5), availableOn: '2026-12-05' },
      { ...lot('owed', -1), availableOn: '2026-12-05' },
    ];
    expect(pointsBalance(lots, TODAY)).toBe(2);
    expect(spendablePoints(lots, TODAY)).toBe(2);
    expect(pendingPoints(lots, TODAY)).toEqual({ points: 25, firstOn: '2026-11-22' });
    expect(spendFromLots(lots, 30, TODAY)).toEqual({
      moves: [{ lotId: 'today', delta: -3 }],
      owed: 27,
    });
    expect(pointsBalance(lots, '2026-11-22')).toBe(22);
    expect(pendingPoints(lots, '2026-12-05')).toEqual({ points: 0, firstOn: undefined });
    expect(pointsBalance(lots, '2026-12-05')).toBe(27);
  });

  test('that wait do not count as expiring soon, since nobody has them in hand', () => {
    const lots = [{ ...lot('a', 10, '2026-12-01'), availableOn: '2026-11-28' }];
    expect(expiringPoints(lots, TODAY, '2026-12-21').points).toBe(0);
    expect(expiringPoints(lots, '2026-11-28', '2026-12-21').points).toBe(10);
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

  test('are spent oldest expiry first, then oldest first, never from expired, owed or other lots', () => {
    const lots = [
      lot('b', 10),
      lot('owed', -5),
      lot('g', 30, undefined, 'green'),
      lot('a', 10, '2026-12-01'),
      lot('old', 9, '2026-11-20'),
    ];
    expect(spendFromLots(lots, 31, TODAY, 'green')).toEqual({
      moves: [{ lotId: 'g', delta: -30 }],
      owed: 1,
    });
    const young = { ...lot('1-young', 1), earnedAt: '2026-02-01T00:00:00.000Z' };
    const order = inSpendingOrder([lot('2-twin', 1), young, lot('1-twin', 1), ...lots]);
    expect(order.map(({ lotId }) => lotId)).toEqual([
      'old',
      'a',
      '1-twin',
      '2-twin',
      'b',
      'g',
      'owed',
      '1-young',
    ]);
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

const BUCKETS = ['base', 'green', 'meal'];
const someDay = fc.integer({ min: -20, max: 20 }).map((days) => addDays(TODAY, days));
const someLots = fc
  .array(
    fc.record({
      points: fc.integer({ min: -40, max: 60 }),
      expiresOn: fc.option(someDay, { nil: undefined }),
      availableOn: fc.option(someDay, { nil: undefined }),
      bucket: fc.constantFrom(...BUCKETS),
    }),
    { maxLength: 12 },
  )
  .map((drawn) =>
    drawn.map(({ points, expiresOn, availableOn, bucket }, n) => ({
      ...lot(`l${n}`, points, expiresOn, bucket),
      ...(availableOn === undefined ? {} : { availableOn }),
    })),
  );
function moved(lots: readonly PointsLot[], moves: readonly LotMove[]): PointsLot[] {
  return lots.map((one) => ({
    ...one,
    points: moves.reduce(
      (sum, { lotId, delta }) => (lotId === one.lotId ? sum + delta : sum),
      one.points,
    ),
  }));
}

test('all categories together never give more than the member has, and no less where nothing is owed', () => {
  fc.assert(
    fc.property(someLots, (lots) => {
      const free = BUCKETS.map((bucket) => spendablePoints(lots, TODAY, bucket));
      const sum = free.reduce((all, one) => all + one, 0);
      expect(sum).toBe(Math.max(0, pointsBalance(lots, TODAY)));
      expect(Math.min(...free)).toBeGreaterThanOrEqual(0);
    }),
  );
});

test('what may be spent is spent from lots of its category that neither wait nor are expired, and nothing is left that expires earlier', () => {
  fc.assert(
    fc.property(someLots, fc.constantFrom(...BUCKETS), fc.nat(120), (lots, bucket, wanted) => {
      const points = Math.min(wanted, spendablePoints(lots, TODAY, bucket));
      const { moves, owed } = spendFromLots(lots, points, TODAY, bucket);
      expect(owed).toBe(0);
      expect(moves.reduce((sum, { delta }) => sum - delta, 0)).toBe(points);
      const after = moved(lots, moves);
      const used = moves.map(({ lotId }) => lots.find((one) => one.lotId === lotId));
      const last =
        used
          .map((one) => one?.expiresOn ?? '9999-12-31')
          .sort()
          .at(-1) ?? '';
      for (const one of used) {
        expect(one?.bucket).toBe(bucket);
        expect((one?.availableOn ?? TODAY) <= TODAY && (one?.expiresOn ?? TODAY) >= TODAY).toBe(
          true,
        );
      }
      for (const one of after) {
        const inHand =
          one.points > 0 &&
          one.bucket === bucket &&
          (one.availableOn ?? TODAY) <= TODAY &&
          one.expiresOn !== undefined &&
          one.expiresOn >= TODAY;
        if (inHand) expect((one.expiresOn ?? '') >= last).toBe(true);
      }
    }),
  );
});
