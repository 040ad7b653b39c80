import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sum } from '../../../../agent/domain/benefits/amounts/spread.ts';
import { evaluate } from '../../../../agent/domain/benefits/evaluate.ts';
import { inputOf, memberOf, rulesOf, run } from '../../../support/benefits.ts';

const RUNS = 150;
const CATEGORIES = ['a', 'b', 'c'];
const percentBp = fc.integer({ min: 1, max: 10_000 });
const amountMinor = fc.integer({ min: 1, max: 4_000 });

const part = fc.oneof(
  fc.constant({}),
  fc.record({ category: fc.subarray(CATEGORIES, { minLength: 1 }) }),
);

const lineEffect = fc.oneof(
  fc.record({
    kind: fc.constant('percent-off-items'),
    percentBp,
    maxUnitsPerLine: fc.integer({ min: 1, max: 4 }),
  }),
  fc.record({ kind: fc.constant('fixed-off-items'), amountMinor }),
);
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
      fc.array(fc.record({ target: part, qty: fc.integer({ min: 1, max: 2 }) }), {
        minLength: 2,
        maxLength: 3,
      }),
      fc.constantFrom('priceMinor', 'percentBp', 'amountMinor'),
      amountMinor,
    )
    .map(([parts, saves, value]) => ({ kind: 'bundle', parts, [saves]: value })),
  fc.record({
    kind: fc.constant('quantity-groups'),
    groupSize: fc.integer({ min: 1, max: 3 }),
    amountPerUnitMinor: amountMinor,
  }),
);
const moneyRule = fc.oneof(
  fc.record({ lane: fc.constant('price'), effect: lineEffect }),
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
const otherRule = fc.oneof(
  fc.record({
    lane: fc.constant('points-earn'),
    group: fc.constantFrom('e1', 'e2'),
    effect: fc.record({
      kind: fc.constant('points-earn'),
      perMinor: fc.integer({ min: 1, max: 500 }),
      points: fc.integer({ min: 1, max: 9 }),
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
const common = fc.record({
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
});
const rules = fc
  .array(
    fc.tuple(
      common,
      fc.oneof({ weight: 4, arbitrary: moneyRule }, { weight: 1, arbitrary: otherRule }),
    ),
    { maxLength: 8 },
  )
  .map((drawn) => drawn.map(([shared, rule], index) => ({ id: `r${index}`, ...shared, ...rule })));

const line = fc.record({
  qty: fc.integer({ min: 1, max: 5 }),
  unitPriceMinor: fc.integer({ min: 0, max: 3_000 }),
  minUnitPriceMinor: fc.integer({ min: 0, max: 3_000 }),
  category: fc.constantFrom(...CATEGORIES),
});
const basket = fc
  .record({
    lines: fc.array(line, { minLength: 1, maxLength: 8 }),
    tier: fc.constantFrom('gold', 'silver'),
    tags: fc.subarray(['vip', 'vegan']),
    pointsToSpend: fc.integer({ min: 0, max: 500 }),
  })
  .map(({ lines, tier, tags, pointsToSpend }) =>
    inputOf(lines, {
      member: memberOf({ tier, tags, pointsByBucket: { meal: 100 } }),
      pointsToSpend,
      allowances: { points: { reachable: true, available: 300 }, coupons: {}, allotments: {} },
    }),
  );

describe('for every rule set and basket', () => {
  test('units sum to lines, lines to totals, rule discounts to both, and no line falls below its floor', () => {
    fc.assert(
      fc.property(rules, basket, (drawn, input) => {
        const evaluation = run(rulesOf(drawn), input);
        evaluation.lines.forEach((result, index) => {
          const source = input.lines[index];
          const paid = sum(result.unitShares.map((share) => share.count * share.paidMinor));
          expect(paid).toBe(result.payableMinor);
          expect(sum(result.unitShares.map((share) => share.count))).toBe(result.qty);
          expect(result.listMinor - result.discountMinor).toBe(result.payableMinor);
          expect(sum(result.discounts.map((discount) => discount.discountMinor))).toBe(
            result.discountMinor,
          );
          const floor =
            Math.min(source?.minUnitPriceMinor ?? 0, source?.unitPriceMinor ?? 0) * result.qty;
          expect(result.payableMinor).toBeGreaterThanOrEqual(floor);
        });
        expect(sum(evaluation.lines.map((result) => result.payableMinor))).toBe(
          evaluation.payableMinor,
        );
        expect(evaluation.listMinor - evaluation.discountMinor).toBe(evaluation.payableMinor);
        expect(sum(evaluation.outcomes.map((ended) => ended.discountMinor))).toBe(
          evaluation.discountMinor,
        );
        expect(sum(evaluation.lines.map((result) => result.pointsEarned))).toBe(
          evaluation.points.earned,
        );
        expect(sum(evaluation.lines.map((result) => result.pointsSpent))).toBe(
          evaluation.points.spent,
        );
        expect(sum(evaluation.points.lots.map((lot) => lot.points))).toBe(evaluation.points.earned);
        const { spent, spentByBucket = { base: spent } } = evaluation.points;
        expect(spent).toBeLessThanOrEqual(input.pointsToSpend);
        expect(spentByBucket['base'] ?? 0).toBeLessThanOrEqual(300);
        expect(spentByBucket['meal'] ?? 0).toBeLessThanOrEqual(100);
        expect(sum(Object.values(spentByBucket))).toBe(spent);
      }),
      { numRuns: RUNS },
    );
  });

  test('every rule of the set ends with a status, a code and a sentence in both languages', () => {
    fc.assert(
      fc.property(rules, basket, (drawn, input) => {
        const { outcomes } = run(rulesOf(drawn), input);
        expect(outcomes.map((ended) => ended.ruleId).sort()).toEqual(
          drawn.map((rule) => rule.id).sort(),
        );
        for (const ended of outcomes) {
          expect(ended.text['zh-CN']).not.toBe('');
          expect(ended.text.en).not.toBe('');
          if (ended.status === 'lost-to') expect(ended.lostTo).toBeDefined();
        }
      }),
      { numRuns: RUNS },
    );
  });

  test('the order of rules in the file does not matter', () => {
    fc.assert(
      fc.property(rules, basket, (drawn, input) => {
        expect(run(rulesOf([...drawn].reverse()), input)).toEqual(run(rulesOf(drawn), input));
      }),
      { numRuns: RUNS },
    );
  });

  test('a rule for other members changes nothing for this one but its own explanation', () => {
    fc.assert(
      fc.property(rules, basket, fc.tuple(common, moneyRule), (drawn, input, [shared, rule]) => {
        const foreign = {
          id: 'foreign',
          ...shared,
          ...rule,
          when: '"somebody-else" in member.tags',
        };
        const { outcomes, ...rest } = run(rulesOf([...drawn, foreign]), input);
        const { outcomes: without, ...same } = run(rulesOf(drawn), input);
        expect(rest).toEqual(same);
        expect(outcomes.filter((ended) => ended.ruleId !== 'foreign')).toEqual(without);
      }),
      { numRuns: RUNS },
    );
  });

  test('a replay of the stored input equals the original, after a trip through JSON', () => {
    fc.assert(
      fc.property(rules, basket, (drawn, input) => {
        const first = run(rulesOf(drawn), input);
        const replayed = run(rulesOf(drawn), JSON.parse(JSON.stringify(input)));
        expect(JSON.stringify(replayed)).toBe(JSON.stringify(first));
      }),
      { numRuns: RUNS },
    );
  });

  test('the short form of an evaluation decides the same', () => {
    fc.assert(
      fc.property(rules, basket, (drawn, input) => {
        const compiled = rulesOf(drawn);
        const full = run(compiled, input);
        const short = evaluate(compiled, input, { detail: 'decision' });
        if (!short.ok) throw new Error(short.error.code);
        const bare = (evaluation: typeof full) => ({ ...evaluation, outcomes: [], notices: [] });
        expect(bare(short.value)).toEqual(bare(full));
        const kept = new Map(full.outcomes.map((ended) => [ended.ruleId, ended]));
        for (const ended of short.value.outcomes) {
          expect({ ...ended, text: null }).toEqual({ ...kept.get(ended.ruleId), text: null });
        }
      }),
      { numRuns: RUNS },
    );
  });
});

describe('a basket at the limits', () => {
  test('of lines and amounts is evaluated exactly', () => {
    const lines = Array.from({ length: 10_000 }, () => ({ qty: 1, unitPriceMinor: 90_000_000 }));
    const evaluation = run(
      rulesOf([{ id: 'r', effect: { kind: 'percent-off-order', percentBp: 3_333 } }]),
      inputOf(lines),
    );
    expect(evaluation.listMinor).toBe(900_000_000_000);
    expect(evaluation.discountMinor).toBe(299_970_000_000);
    expect(sum(evaluation.lines.map((result) => result.discountMinor))).toBe(
      evaluation.discountMinor,
    );
  });

  test('one minor unit above the largest amount is an error with its line', () => {
    const lines = [{ unitPriceMinor: 900_000_000_000 }, { unitPriceMinor: 1 }];
    expect(evaluate(rulesOf([]), inputOf(lines))).toEqual({
      ok: false,
      error: { code: 'amount-too-large', field: 'lines.1' },
    });
  });

  test('with a repeated line id or a foreign currency is an error', () => {
    const twice = [
      { lineId: 'L1', unitPriceMinor: 1 },
      { lineId: 'L1', unitPriceMinor: 1 },
    ];
    expect(evaluate(rulesOf([]), inputOf(twice))).toMatchObject({
      error: { code: 'duplicate-line', field: 'lines.1.lineId' },
    });
    expect(evaluate(rulesOf([]), inputOf([['a', 1, 1]], { currency: 'EUR' }))).toMatchObject({
      error: { code: 'wrong-currency' },
    });
  });
});
