import fc from 'fast-check';
import { inputOf, memberOf } from '../../../support/benefits.ts';

const CATEGORIES = ['a', 'b', 'c'];
const percentBp = fc.integer({ min: 1, max: 10_000 });
const amountMinor = fc.integer({ min: 1, max: 4_000 });

const part = fc.oneof(
  fc.constant({}),
  fc.record({ category: fc.subarray(CATEGORIES, { minLength: 1 }) }),
);

const counted = fc.record({ target: part, qty: fc.integer({ min: 1, max: 2 }) });

const lineEffect = fc.oneof(
  fc.record({
    kind: fc.constant('percent-off-items'),
    percentBp,
    maxUnitsPerLine: fc.integer({ min: 1, max: 4 }),
  }),
  fc.record({ kind: fc.constant('fixed-off-items'), amountMinor }),
  fc.record({
    kind: fc.constant('tiered-percent-items'),
    basePercentBp: fc.integer({ min: 0, max: 2_000 }),
    steps: fc.record({ fromMinor: amountMinor, percentBp }).map((step) => [step]),
  }),
);
const memberPrice = fc.record({
  kind: fc.constant('member-price'),
  prices: fc.array(
    fc.record({ sku: fc.constantFrom('any', 'other'), unitPriceMinor: amountMinor }),
    { minLength: 1, maxLength: 2 },
  ),
});
const orderEffect = fc.oneof(
  fc.record({ kind: fc.constant('percent-off-order'), percentBp }),
  fc.record({ kind: fc.constant('fixed-off-order'), amountMinor }),
  fc.record({
    kind: fc.constant('percent-off-cheapest-unit'),
    percentBp,
    units: fc.integer({ min: 1, max: 3 }),
    perUnits: fc.option(fc.integer({ min: 3, max: 5 }), { nil: undefined }),
  }),
  fc.record({
    kind: fc.constant('every-amount-off'),
    everyMinor: fc.integer({ min: 4_000, max: 9_000 }),
    amountMinor,
    maxTimes: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
  }),
  fc
    .tuple(
      fc.array(counted, { minLength: 2, maxLength: 3 }),
      fc.constantFrom('priceMinor', 'percentBp', 'amountMinor'),
      amountMinor,
    )
    .map(([parts, saves, value]) => ({ kind: 'bundle', parts, [saves]: value })),
  fc.record({
    kind: fc.constant('quantity-groups'),
    groupSize: fc.integer({ min: 1, max: 3 }),
    amountPerUnitMinor: amountMinor,
  }),
  fc.record({
    kind: fc.constant('tiered-fixed-order'),
    baseAmountMinor: fc.integer({ min: 0, max: 500 }),
    steps: fc.record({ fromMinor: amountMinor, amountMinor }).map((step) => [step]),
  }),
  fc.record({
    kind: fc.constant('buy-x-get-y'),
    buy: counted,
    get: fc.record({
      target: part,
      qty: fc.integer({ min: 1, max: 2 }),
      percentBp,
      pick: fc.constantFrom('cheapest', 'most-expensive'),
    }),
  }),
);
const moneyRule = fc.oneof(
  fc.record({ lane: fc.constant('price'), effect: fc.oneof(lineEffect, memberPrice) }),
  fc.record({
    lane: fc.constantFrom('basket', 'coupon'),
    effect: fc.oneof(lineEffect, orderEffect),
  }),
  fc.record({
    lane: fc.constant('points-spend'),
    effect: fc.record({
      kind: fc.constant('points-redeem'),
      minorPerPoint: fc.constant(7),
      bucket: fc.constantFrom('base', 'meal'),
    }),
  }),
);
const grant = fc.oneof(
  fc.record({ kind: fc.constant('entitlement'), entitlement: fc.constantFrom('parking', 'event') }),
  fc.record({
    kind: fc.constant('gift-item'),
    buy: counted,
    gift: fc.record({ sku: fc.constant('pen'), qty: fc.integer({ min: 1, max: 2 }) }),
    repeat: fc.boolean(),
  }),
  fc
    .uniqueArray(fc.integer({ min: 0, max: 9_000 }), { minLength: 2, maxLength: 2 })
    .map((from) => ({
      kind: 'spend-tier',
      steps: from
        .map((fromMinor, index) => ({ tier: ['gold', 'silver'][index] ?? '', fromMinor }))
        .sort((a, b) => a.fromMinor - b.fromMinor),
    })),
  fc.record({
    kind: fc.constant('month-ladder'),
    months: fc.constant(2),
    fromMinor: amountMinor,
    tier: fc.constantFrom('gold', 'silver', 'jade'),
  }),
  fc.record({
    kind: fc.constant('donation'),
    cause: fc.constant('trees'),
    perMinor: fc.integer({ min: 100, max: 2_000 }),
    amountMinor: fc.integer({ min: 1, max: 100 }),
  }),
);
const otherRule = fc.oneof(
  fc.record({ lane: fc.constant('entitlement'), effect: grant }),
  fc.record({
    lane: fc.constant('points-earn'),
    group: fc.constantFrom('e1', 'e2'),
    effect: fc.record({
      kind: fc.constant('points-earn'),
      perMinor: fc.integer({ min: 1, max: 500 }),
      points: fc.integer({ min: 1, max: 9 }),
      bucket: fc.constantFrom('base', 'meal'),
    }),
  }),
  fc.record({
    lane: fc.constant('points-earn'),
    group: fc.constant('x'),
    effect: fc.record({
      kind: fc.constant('points-multiplier'),
      factorBp: fc.integer({ min: 1, max: 50_000 }),
    }),
  }),
);
/** A rule of any lane; what all rules have beside it is drawn by {@link common}. */
export const anyRule = fc.oneof(
  { weight: 3, arbitrary: moneyRule },
  { weight: 2, arbitrary: otherRule },
);
export const common = fc.record({
  step: fc.integer({ min: 1, max: 2 }),
  group: fc.constantFrom('g1', 'g2', 'g3'),
  priority: fc.integer({ min: 0, max: 2 }),
  base: fc.constantFrom('list', 'running'),
  rounding: fc.constantFrom('half-up', 'down'),
  target: part,
  when: fc.constantFrom(
    '',
    'member.tier == "gold"',
    '"vip" in member.tags',
    'basket.runningMinor >= 3000',
    'basket.qty <= 9',
  ),
  exclusive: fc.oneof(
    { weight: 9, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.constant(['basket', 'coupon']) },
  ),
  budget: seldom(fc.record({ id: fc.constantFrom('b1', 'b2'), limitMinor: fc.constant(2_000) })),
  allotment: seldom(fc.constant({ id: 'tickets' })),
});
export const rules = fc
  .array(fc.tuple(common, anyRule), { maxLength: 8 })
  .map((drawn) => drawn.map(([shared, rule], index) => ({ id: `r${index}`, ...shared, ...rule })));

const line = fc.record({
  qty: fc.integer({ min: 1, max: 5 }),
  unitPriceMinor: fc.integer({ min: 0, max: 3_000 }),
  minUnitPriceMinor: fc.integer({ min: 0, max: 3_000 }),
  category: fc.constantFrom(...CATEGORIES),
});
export const basket = fc
  .record({
    lines: fc.array(line, { minLength: 1, maxLength: 8 }),
    tier: fc.constantFrom('gold', 'silver'),
    tags: fc.subarray(['vip', 'vegan']),
    pointsToSpend: fc.integer({ min: 0, max: 500 }),
  })
  .map(({ lines, tier, tags, pointsToSpend }) =>
    inputOf(lines, {
      member: memberOf({
        tier,
        tags,
        pointsByBucket: { meal: 100 },
        monthSpendMinor: 1_000,
        earlierMonthsMinor: [2_000],
      }),
      pointsToSpend,
      allowances: {
        points: { reachable: true, available: 300 },
        coupons: {},
        allotments: { tickets: { reachable: true, available: 2 } },
      },
      budgetsUsedMinor: { b1: 500 },
    }),
  );

/** A part that most rules do without. */
function seldom<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
}
