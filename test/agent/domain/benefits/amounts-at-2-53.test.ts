import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LINE_MAX_QUANTITY } from '../../../../agent/contract/basket.ts';
import { evaluationInputSchema } from '../../../../agent/contract/evaluation-input.ts';
import { MONEY_MAX_MINOR, POINTS_MAX } from '../../../../agent/contract/money.ts';
import { shareOf } from '../../../../agent/domain/benefits/amounts/share-of.ts';
import { spread } from '../../../../agent/domain/benefits/amounts/spread.ts';
import { evaluate } from '../../../../agent/domain/benefits/evaluate.ts';
import { publishRules } from '../../../../sync/hq/publish/publish-rules.ts';
import { inputOf, memberOf, ruleFile, rulesOf, run } from '../../../support/benefits.ts';

const EDGE = 2 ** 53;
const near = (edge: number): fc.Arbitrary<number> =>
  fc.integer({ min: edge - 2_000, max: edge }).filter(Number.isSafeInteger);
const amount = fc.oneof(
  near(MONEY_MAX_MINOR),
  fc.integer({ min: 0, max: MONEY_MAX_MINOR }),
  fc.integer({ min: 0, max: 99 }),
);
const big = (values: readonly number[]): bigint =>
  values.reduce((total, value) => total + BigInt(value), 0n);

/** Half-up in BigInt. */
function roundedShare(whole: bigint, numerator: bigint, denominator: bigint): bigint {
  return (whole * numerator * 2n + denominator) / (denominator * 2n);
}

describe('amounts at 2^53: lines and sums', () => {
  for (const value of [EDGE - 1, EDGE, EDGE + 2, MONEY_MAX_MINOR + 1, 1e300, 0.5]) {
    test(`a price of ${value} minor units is refused with its field`, () => {
      const given = inputOf([['a', 1, 1]]);
      const lines = [given.lines[0], { ...given.lines[0], lineId: 'L2', unitPriceMinor: value }];
      const parsed = evaluationInputSchema.safeParse({ ...given, lines });
      expect([...new Set(parsed.error?.issues.map(({ path }) => path.join('.')))]).toEqual([
        'lines.1.unitPriceMinor',
      ]);
    });
  }

  test('a basket above the largest amount is refused at the line that goes over it', () => {
    const compiled = rulesOf([]);
    const refused = (lines: [string, number, number][]) => evaluate(compiled, inputOf(lines));
    expect(refused([['a', LINE_MAX_QUANTITY, MONEY_MAX_MINOR]])).toMatchObject({
      error: { code: 'amount-too-large', field: 'lines.0' },
    });
    expect(
      refused([
        ['a', 1, MONEY_MAX_MINOR],
        ['b', 1, 1],
      ]),
    ).toMatchObject({ error: { code: 'amount-too-large', field: 'lines.1' } });
    expect(refused([['a', 1, MONEY_MAX_MINOR]])).toMatchObject({
      value: { payableMinor: MONEY_MAX_MINOR },
    });
  });
});

describe('amounts at 2^53: rules', () => {
  const effects: [object, string][] = [
    [{ kind: 'fixed-off-order', amountMinor: EDGE }, 'amountMinor'],
    [{ kind: 'fixed-off-items', amountMinor: EDGE }, 'amountMinor'],
    [{ kind: 'percent-off-order', percentBp: EDGE }, 'percentBp'],
    [{ kind: 'tiered-fixed-order', baseAmountMinor: EDGE, steps: [] }, 'baseAmountMinor'],
    [{ kind: 'quantity-groups', groupSize: 2, amountPerUnitMinor: EDGE }, 'amountPerUnitMinor'],
    [{ kind: 'points-redeem', minorPerPoint: EDGE }, 'minorPerPoint'],
    [{ kind: 'points-earn', perMinor: EDGE, points: 1 }, 'perMinor'],
    [{ kind: 'points-multiplier', factorBp: EDGE }, 'factorBp'],
  ];
  for (const [effect, field] of effects) {
    test(`${field} of ${JSON.stringify(effect)} is refused at publishing with its field`, () => {
      const published = publishRules(ruleFile([{ id: 'r', effect }]));
      expect(published.ok ? [] : published.error.map((problem) => problem.field)).toContain(
        `rules.0.effect.${field}`,
      );
    });
  }

  test('a condition beyond 2^53 is exact: the neighbours of an amount are told apart', () => {
    const price = 899_999_999_999;
    // Past 2^53, within 2^63.
    const product = BigInt(price) * 1_000_000n;
    for (const [bound, holds] of [
      [product - 1n, true],
      [product, false],
    ] as const) {
      const compiled = rulesOf([
        {
          id: 'r',
          when: `basket.listMinor * 1000000 > ${bound}`,
          effect: { kind: 'fixed-off-order', amountMinor: 1 },
        },
      ]);
      expect(run(compiled, inputOf([['a', 1, price]])).discountMinor).toBe(holds ? 1 : 0);
    }
  });
});

describe('amounts at 2^53: percentages', () => {
  test('of any amount that a basket can have are exact', () => {
    fc.assert(
      fc.property(amount, fc.integer({ min: 1, max: 10_000 }), (price, percentBp) => {
        for (const kind of ['percent-off-items', 'percent-off-order']) {
          const compiled = rulesOf([{ id: 'r', effect: { kind, percentBp } }]);
          const { discountMinor } = run(compiled, inputOf([['a', 1, price]]));
          expect(BigInt(discountMinor)).toBe(
            roundedShare(BigInt(price), BigInt(percentBp), 10_000n),
          );
        }
      }),
      { numRuns: 200 },
    );
  });

  test('shares are exact where the product leaves 2^53', () => {
    fc.assert(
      fc.property(
        fc.oneof(near(EDGE - 1), amount),
        fc.integer({ min: 1, max: 100_000_000 }),
        fc.integer({ min: 0, max: 99_999_999 }),
        (whole, denominator, less) => {
          const numerator = Math.max(0, denominator - less);
          const [a, n, d] = [BigInt(whole), BigInt(numerator), BigInt(denominator)];
          expect(BigInt(shareOf(whole, numerator, denominator, 'half-up'))).toBe(
            roundedShare(a, n, d),
          );
          expect(BigInt(shareOf(whole, numerator, denominator, 'down'))).toBe((a * n) / d);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('discounts spread over lines at the largest amount sum to the whole and stay within each line', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: MONEY_MAX_MINOR / 8 }), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 0, max: 10_000 }),
        (rooms, partBp) => {
          const total = Number((big(rooms) * BigInt(partBp)) / 10_000n);
          const shares = spread(total, rooms, rooms);
          expect(big(shares)).toBe(BigInt(total));
          for (const [index, share] of shares.entries()) {
            // Largest remainder: a share differs from its exact part by less than one unit.
            const part = BigInt(total) * BigInt(rooms[index] ?? 0);
            const gap = BigInt(share) * big(rooms) - part;
            expect(share <= (rooms[index] ?? 0)).toBe(true);
            expect((gap < 0n ? -gap : gap) < big(rooms) || big(rooms) === 0n).toBe(true);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe('amounts at 2^53: points', () => {
  const earn = (points: number, perMinor: number) => ({
    id: 'e',
    lane: 'points-earn',
    effect: { kind: 'points-earn', perMinor, points },
  });
  const factors = (...factorsBp: number[]) =>
    factorsBp.map((factorBp, index) => ({
      id: `m${index}`,
      lane: 'points-earn',
      effect: { kind: 'points-multiplier', factorBp },
    }));

  test('earned are exact up to the most that a sale earns, and cut to it with a notice', () => {
    fc.assert(
      fc.property(
        amount.filter((price) => price > 0),
        fc.integer({ min: 1, max: 1_000 }),
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.array(fc.constantFrom(1, 9_999, 20_000, 1_000_000), { maxLength: 4 }),
        (price, points, perMinor, factorsBp) => {
          const rules = ruleFile([earn(points, perMinor), ...factors(...factorsBp)]);
          fc.pre(publishRules(rules).ok);
          const compiled = rulesOf([earn(points, perMinor), ...factors(...factorsBp)]);
          const evaluation = run(compiled, inputOf([['a', 1, price]], { member: memberOf() }));
          let [numerator, denominator] = [BigInt(price) * BigInt(points), BigInt(perMinor)];
          for (const factorBp of factorsBp) {
            numerator *= BigInt(factorBp);
            denominator *= 10_000n;
          }
          const exact = numerator / denominator;
          const most = BigInt(POINTS_MAX);
          expect(BigInt(evaluation.points.earned)).toBe(exact < most ? exact : most);
          expect(evaluation.notices.length > 0).toBe(exact > most);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('spent never pay more than the basket, whatever a point is worth', () => {
    const compiled = rulesOf([
      {
        id: 'p',
        lane: 'points-spend',
        effect: { kind: 'points-redeem', minorPerPoint: MONEY_MAX_MINOR },
      },
    ]);
    const input = inputOf([['a', 1, MONEY_MAX_MINOR]], {
      member: memberOf(),
      pointsToSpend: POINTS_MAX,
      allowances: {
        points: { reachable: true, available: Number.MAX_SAFE_INTEGER },
        coupons: {},
        allotments: {},
      },
    });
    expect(run(compiled, input)).toMatchObject({
      payableMinor: 0,
      points: { spent: 1, spentMinor: MONEY_MAX_MINOR },
    });
  });
});
