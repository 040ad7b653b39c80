import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LotId, MemberId, PointsLot } from '../../../../agent/contract/index.ts';
import { type EarnedPoints, earnIntoLots } from '../../../../agent/domain/points/earn-into-lots.ts';
import { type LotMove, pointsBalance, undoMoves } from '../../../../agent/domain/points/lots.ts';

const TODAY = '2026-11-21';

function lot(lotId: string, points: number, more: Partial<PointsLot> = {}): PointsLot {
  return {
    lotId: lotId as LotId,
    memberId: 'm' as MemberId,
    points,
    earnedAt: '2026-01-01T00:00:00.000Z',
    channel: 'store',
    bucket: 'base',
    source: 'test',
    ...more,
  };
}

describe('points that a sale earns', () => {
  test('make one lot for each category and waiting time', () => {
    const earned = [
      { bucket: 'base', points: 10 },
      { bucket: 'green', points: 4 },
      { bucket: 'base', points: 5 },
      { bucket: 'base', points: 7, pendingDays: 14 },
    ];
    expect(earnIntoLots([lot('a', 3)], earned)).toEqual({
      lots: [
        { bucket: 'base', points: 7, pendingDays: 14 },
        { bucket: 'base', points: 15, pendingDays: 0 },
        { bucket: 'green', points: 4, pendingDays: 0 },
      ],
      setOff: [],
    });
  });

  test('pay off what is owed of their category first, in spending order', () => {
    const lots = [
      lot('late', -30, { expiresOn: '2027-01-01' }),
      lot('early', -20, { expiresOn: '2026-01-01' }),
      lot('green', -5, { bucket: 'green' }),
    ];
    expect(earnIntoLots(lots, [{ bucket: 'base', points: 45 }])).toEqual({
      lots: [],
      setOff: [
        { lotId: 'early', delta: 20 },
        { lotId: 'late', delta: 25 },
      ],
    });
    expect(earnIntoLots(lots, [{ bucket: 'base', points: 51 }])).toEqual({
      lots: [{ bucket: 'base', points: 1, pendingDays: 0 }],
      setOff: [
        { lotId: 'early', delta: 20 },
        { lotId: 'late', delta: 30 },
      ],
    });
  });

  test('pay off with those that wait longest, so that the member keeps what can be spent soonest', () => {
    const earned = [
      { bucket: 'base', points: 10 },
      { bucket: 'base', points: 10, pendingDays: 7 },
    ];
    expect(earnIntoLots([lot('owed', -12)], earned)).toEqual({
      lots: [{ bucket: 'base', points: 8, pendingDays: 0 }],
      setOff: [{ lotId: 'owed', delta: 12 }],
    });
  });

  test('none make no lot', () => {
    expect(earnIntoLots([lot('owed', -12)], [])).toEqual({ lots: [], setOff: [] });
  });
});

test('every point earned is in a lot or pays something off, nobody is paid more than is owed, and undoing it in any parts restores every lot', () => {
  const bucket = fc.constantFrom('base', 'green');
  fc.assert(
    fc.property(
      fc.array(fc.record({ points: fc.integer({ min: -40, max: 40 }), bucket }), { maxLength: 6 }),
      fc.array(
        fc.record({
          bucket,
          points: fc.integer({ min: 1, max: 60 }),
          pendingDays: fc.constantFrom(undefined, 7, 14),
        }),
        { maxLength: 5 },
      ),
      fc.array(fc.nat(50), { maxLength: 6 }),
      (drawn, earned: EarnedPoints[], parts) => {
        const lots = drawn.map((one, n) => lot(`l${n}`, one.points, { bucket: one.bucket }));
        const { lots: made, setOff } = earnIntoLots(lots, earned);
        const total = earned.reduce((sum, { points }) => sum + points, 0);
        const moves: LotMove[] = [
          ...made.map(({ points }, n) => ({ lotId: `new${n}`, delta: points })),
          ...setOff,
        ];
        expect(moves.every(({ delta }) => delta > 0)).toBe(true);
        expect(moves.reduce((sum, { delta }) => sum + delta, 0)).toBe(total);
        const left = new Map<string, number>(lots.map((one) => [one.lotId, one.points]));
        const apply = (all: readonly LotMove[]) => {
          for (const { lotId, delta } of all) left.set(lotId, (left.get(lotId) ?? 0) + delta);
        };
        apply(moves);
        for (const { lotId, points } of lots)
          if (points < 0) expect(left.get(lotId)).toBeLessThanOrEqual(0);
        for (const name of ['base', 'green'])
          if (made.some((one) => one.bucket === name))
            for (const one of lots)
              if (one.bucket === name) expect(left.get(one.lotId)).toBeGreaterThanOrEqual(0);
        let done = 0;
        for (const part of [...parts, total]) {
          const points = Math.min(part, total - done);
          apply(undoMoves(moves, done, points));
          done += points;
        }
        expect(lots.every((one) => left.get(one.lotId) === one.points)).toBe(true);
        expect(made.every((_, n) => left.get(`new${n}`) === 0)).toBe(true);
        expect(pointsBalance(lots, TODAY)).toBe(drawn.reduce((sum, one) => sum + one.points, 0));
      },
    ),
  );
});
