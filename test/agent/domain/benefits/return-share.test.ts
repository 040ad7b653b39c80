import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assert } from '../../../../agent/contract/result.ts';
import { returnShare } from '../../../../agent/domain/benefits/return-share.ts';
import { inputOf, memberOf, rulesOf, run } from '../../../support/benefits.ts';

const compiled = rulesOf([
  { id: 'off', effect: { kind: 'percent-off-order', percentBp: 1_000 } },
  { id: 'spend', lane: 'points-spend', effect: { kind: 'points-redeem', minorPerPoint: 1 } },
  {
    id: 'earn',
    lane: 'points-earn',
    target: { category: ['food'] },
    effect: { kind: 'points-earn', perMinor: 7, points: 1 },
  },
]);

function sale(
  lines: { qty: number; unitPriceMinor: number; category: string }[],
  pointsToSpend: number,
) {
  const allowances = {
    points: { reachable: true, available: 1_000_000 },
    coupons: {},
    allotments: {},
  };
  return run(compiled, inputOf(lines, { member: memberOf(), pointsToSpend, allowances }));
}

describe('a return', () => {
  const three = sale([{ qty: 3, unitPriceMinor: 10_000, category: 'food' }], 0);

  test('of two of three units gives back what these units paid', () => {
    expect(returnShare(three, {}, { L1: 2 })).toMatchObject({
      ok: true,
      value: { refundMinor: 18_000 },
    });
  });

  test('goes on where the earlier return ended', () => {
    const odd = sale([{ qty: 3, unitPriceMinor: 111, category: 'food' }], 0);
    // 333 - 33 = 300 by 10 %: 100 each; with one odd minor unit the first unit carries it.
    expect(odd.lines[0]?.unitShares).toEqual([{ count: 3, paidMinor: 100 }]);
    expect(returnShare(odd, { L1: 2 }, { L1: 1 })).toMatchObject({
      ok: true,
      value: { refundMinor: 100 },
    });
  });

  test('takes back only points that the returned line earned', () => {
    const mixed = sale(
      [
        { qty: 1, unitPriceMinor: 7_000, category: 'food' },
        { qty: 1, unitPriceMinor: 9_000, category: 'other' },
      ],
      0,
    );
    expect(returnShare(mixed, {}, { L2: 1 })).toMatchObject({
      ok: true,
      value: { pointsToClawBack: 0 },
    });
    expect(returnShare(mixed, {}, { L1: 1 })).toMatchObject({
      ok: true,
      value: { pointsToClawBack: mixed.points.earned },
    });
  });

  test('of more than is left, of an unknown line or of nothing is an error that says so', () => {
    expect(returnShare(three, { L1: 2 }, { L1: 2 })).toMatchObject({
      ok: false,
      error: { code: 'return-too-much', unitsLeft: 1 },
    });
    expect(returnShare(three, {}, { L9: 1 })).toMatchObject({
      ok: false,
      error: { code: 'line-unknown' },
    });
    expect(returnShare(three, {}, {})).toMatchObject({
      ok: false,
      error: { code: 'nothing-returned' },
    });
    expect(returnShare(three, {}, { L1: 0.5 })).toMatchObject({
      ok: false,
      error: { code: 'nothing-returned' },
    });
  });

  test('in any order of parts restores money and points of the whole sale exactly', () => {
    const line = fc.record({
      qty: fc.integer({ min: 1, max: 9 }),
      unitPriceMinor: fc.integer({ min: 0, max: 5_000 }),
      category: fc.constantFrom('food', 'other'),
    });
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 6 }),
        fc.nat(20_000),
        fc.infiniteStream(fc.nat(1_000)),
        (lines, points, draws) => {
          const sold = sale(lines, points);
          const returned: Record<string, number> = {};
          const total = { refundMinor: 0, pointsToClawBack: 0, pointsToGiveBack: 0 };
          for (;;) {
            const open = sold.lines.filter(({ lineId, qty }) => (returned[lineId] ?? 0) < qty);
            const chosen = open[(draws.next().value ?? 0) % open.length];
            if (chosen === undefined) break;
            const units =
              1 + ((draws.next().value ?? 0) % (chosen.qty - (returned[chosen.lineId] ?? 0)));
            const part = returnShare(sold, returned, { [chosen.lineId]: units });
            assert(part.ok, 'the part can be returned');
            returned[chosen.lineId] = (returned[chosen.lineId] ?? 0) + units;
            total.refundMinor += part.value.refundMinor;
            total.pointsToClawBack += part.value.pointsToClawBack;
            total.pointsToGiveBack += part.value.pointsToGiveBack;
          }
          expect(total).toEqual({
            refundMinor: sold.payableMinor,
            pointsToClawBack: sold.points.earned,
            pointsToGiveBack: sold.points.spent,
          });
        },
      ),
    );
  });
});
