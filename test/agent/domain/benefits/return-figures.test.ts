import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Evaluation } from '../../../../agent/contract/evaluation.ts';
import type { EvaluationInput } from '../../../../agent/contract/evaluation-input.ts';
import { assert } from '../../../../agent/contract/result.ts';
import type { Undone } from '../../../../agent/contract/undone.ts';
import type { CompiledRuleSet } from '../../../../agent/domain/benefits/compile-rule-set.ts';
import { type CountedUse, keptTarget } from '../../../../agent/domain/benefits/kept-target.ts';
import { keptEvaluation } from '../../../../agent/domain/benefits/replay-sale.ts';
import { type ReturnBasis, returnBasis } from '../../../../agent/domain/benefits/return-basis.ts';
import {
  addUndone,
  NOTHING_UNDONE,
  type ReturnFigures,
  returnFigures,
} from '../../../../agent/domain/benefits/return-figures.ts';
import { pointsOf, type UnitsByLine } from '../../../../agent/domain/benefits/return-share.ts';
import { undoByBucket } from '../../../../agent/domain/points/undo-by-bucket.ts';
import { inputOf, memberOf, rulesOf, run } from '../../../support/benefits.ts';

interface Sale {
  readonly evaluation: Evaluation;
  readonly basis: ReturnBasis;
  readonly taken: readonly CountedUse[];
}

function sale(compiled: CompiledRuleSet, input: EvaluationInput): Sale {
  const evaluation = run(compiled, input);
  const figures = {
    listMinor: evaluation.listMinor,
    discountMinor: evaluation.discountMinor,
    payableMinor: evaluation.payableMinor,
    pointsEarned: evaluation.points.earned,
    pointsSpent: evaluation.points.spent,
  };
  const memberId = evaluation.memberId ?? null;
  const sealed = JSON.parse(
    JSON.stringify({ input, evaluation: keptEvaluation(evaluation), memberId }),
  );
  const limited = new Map(
    compiled.rules.flatMap(({ rule }) =>
      rule.limits.length > 0 || rule.budget !== undefined ? [[rule.id as string, rule]] : [],
    ),
  );
  return {
    evaluation,
    basis: returnBasis([compiled], figures, evaluation, sealed),
    taken: evaluation.outcomes.flatMap(({ ruleId, status, discountMinor }) => {
      const rule = limited.get(ruleId);
      if (rule === undefined || status !== 'applied') return [];
      const { budget, limits } = rule;
      return {
        ruleId,
        counted: limits.length > 0,
        budgetId: budget?.id ?? null,
        amountMinor: budget === undefined ? 0 : discountMinor,
      };
    }),
  };
}

const targetOf =
  ({ basis, evaluation, taken }: Sale) =>
  (units: UnitsByLine) =>
    keptTarget(basis, evaluation, units, taken);

function back(of: Sale, before: Undone, units: UnitsByLine): ReturnFigures {
  const done = returnFigures(of.evaluation, before, units, targetOf(of), {});
  assert(done.ok, JSON.stringify(done));
  return done.value;
}

const threshold = (id: string, amountMinor: number, more: object = {}) => ({
  id,
  effect: {
    kind: 'tiered-fixed-order',
    baseAmountMinor: 0,
    steps: [{ fromMinor: 20_000, amountMinor }],
  },
  ...more,
});
const earn = {
  id: 'earn',
  lane: 'points-earn',
  effect: { kind: 'points-earn', perMinor: 100, points: 1 },
};
const TWO = [['any', 2, 10_000]] as const;

describe('by rule', () => {
  test('a benefit that is kept stays with the kept goods where another one is computed again', () => {
    const kept = threshold('kept', 1_000, { group: 'a' });
    const again = threshold('again', 3_000, { group: 'b', returnPolicy: 'recompute' });
    const sold = sale(rulesOf([kept, again]), inputOf(TWO));
    expect(sold.evaluation.payableMinor).toBe(16_000);
    // One of two: 5.00 of the first stays on the other, whose 15.00 of the second goes.
    const figures = back(sold, NOTHING_UNDONE, { L1: 1 });
    expect(figures).toMatchObject({
      mode: 'recompute',
      paidMinor: 8_000,
      takenBackMinor: 1_500,
      refundMinor: 6_500,
      lost: [{ ruleId: 'again', amountMinor: 1_500 }],
    });
  });

  test('a factor of points that is kept leaves the points of the kept goods', () => {
    const double = {
      id: 'double',
      lane: 'points-earn',
      when: 'basket.listMinor >= 20000',
      effect: { kind: 'points-multiplier', factorBp: 20_000 },
    };
    const money = threshold('again', 2_000, { returnPolicy: 'recompute' });
    const input = inputOf(TWO, { member: memberOf() });
    const kept = sale(rulesOf([earn, double, money]), input);
    expect(kept.evaluation.points.earned).toBe(360);
    expect(back(kept, NOTHING_UNDONE, { L1: 1 }).earned).toEqual({ base: 180 });
    const again = sale(rulesOf([earn, { ...double, returnPolicy: 'recompute' }, money]), input);
    // The kept goods cost 100 yuan and earn single points.
    expect(back(again, NOTHING_UNDONE, { L1: 1 }).earned).toEqual({ base: 260 });
  });

  test('another benefit takes the place of the one that the kept goods do not reach, and its money is counted', () => {
    const big = threshold('big', 4_000, { group: 'g', returnPolicy: 'recompute' });
    const small = {
      id: 'small',
      group: 'g',
      effect: { kind: 'percent-off-order', percentBp: 500 },
      budget: { id: 'spring', limitMinor: 10_000 },
      limits: [{ scope: 'total', max: 9 }],
    };
    const sold = sale(rulesOf([big, small]), inputOf(TWO));
    expect(sold.taken).toEqual([]);
    const figures = back(sold, NOTHING_UNDONE, { L1: 1 });
    expect(figures).toMatchObject({ refundMinor: 16_000 - 9_500 });
    expect(targetOf(sold)({ L1: 1 }).uses).toEqual([
      { ruleId: 'small', counted: true, budgetId: 'spring', amountMinor: 500 },
    ]);
  });

  test('spent points stay with the goods that they paid for', () => {
    const rules = [
      threshold('again', 2_000, { returnPolicy: 'recompute' }),
      { id: 'redeem', lane: 'points-spend', effect: { kind: 'points-redeem', minorPerPoint: 10 } },
    ];
    const allowances = { points: { reachable: true, available: 500 }, coupons: {}, allotments: {} };
    const sold = sale(
      rulesOf(rules),
      inputOf(TWO, { member: memberOf(), pointsToSpend: 401, allowances }),
    );
    expect(sold.evaluation.payableMinor).toBe(18_000 - 4_010);
    // 200 of 401 points come back in points, not in money; the other 201 pay 20.10 of the 100.00 kept.
    const figures = back(sold, NOTHING_UNDONE, { L1: 1 });
    expect(figures.spent).toEqual({ base: 200 });
    expect(figures.refundMinor).toBe(13_990 - (10_000 - 2_010));
  });
});

const line = fc.record({
  qty: fc.integer({ min: 1, max: 4 }),
  unitPriceMinor: fc.integer({ min: 0, max: 9_999 }),
  category: fc.constantFrom('food', 'meal', 'other'),
});
const policy = fc.constantFrom('keep', 'recompute');

test('a sale and its full return in any order of parts restore money, points, gifts and campaign money', () => {
  fc.assert(
    fc.property(
      fc.array(line, { minLength: 1, maxLength: 4 }),
      fc.tuple(policy, policy, policy, policy, policy),
      fc.record({
        points: fc.integer({ min: 0, max: 900 }),
        fromMinor: fc.integer({ min: 0, max: 30_000 }),
        minPoints: fc.integer({ min: 0, max: 50 }),
        group: fc.constantFrom('a', 'b'),
      }),
      fc.infiniteStream(fc.nat({ max: 1_000_000 })),
      (lines, [first, second, third, fourth, fifth], more, picks) => {
        const next = (below: number): number => (picks.next().value ?? 0) % below;
        const compiled = rulesOf([
          {
            id: 'price',
            lane: 'price',
            target: { category: ['food'] },
            effect: { kind: 'percent-off-items', percentBp: 1_500 },
            returnPolicy: first,
          },
          threshold('step', 1_777, {
            group: 'a',
            when: `basket.runningMinor >= ${more.fromMinor}`,
            returnPolicy: second,
            budget: { id: 'spring', limitMinor: 1_000_000 },
          }),
          {
            id: 'other',
            group: more.group,
            effect: { kind: 'fixed-off-order', amountMinor: 333 },
            returnPolicy: third,
            limits: [{ scope: 'total', max: 9 }],
            budget: { id: 'autumn', limitMinor: 1_000_000 },
          },
          {
            id: 'redeem-meal',
            lane: 'points-spend',
            target: { category: ['meal'] },
            effect: { kind: 'points-redeem', minorPerPoint: 10, bucket: 'meal' },
          },
          {
            id: 'redeem',
            lane: 'points-spend',
            step: 2,
            effect: { kind: 'points-redeem', minorPerPoint: 7, minPoints: more.minPoints },
            returnPolicy: fourth,
          },
          { ...earn, returnPolicy: fifth },
          {
            id: 'earn-meal',
            lane: 'points-earn',
            target: { category: ['food', 'meal'] },
            effect: { kind: 'points-earn', perMinor: 300, points: 2, bucket: 'meal' },
          },
          {
            id: 'gift',
            lane: 'entitlement',
            effect: {
              kind: 'gift-item',
              buy: { target: { category: ['food'] }, qty: 2 },
              gift: { sku: 'mug', qty: 1 },
              repeat: true,
            },
            returnPolicy: first,
          },
        ]);
        const sold = sale(
          compiled,
          inputOf(lines, {
            member: memberOf({ pointsByBucket: { meal: 60 } }),
            pointsToSpend: more.points,
            allowances: {
              points: { reachable: true, available: 500 },
              coupons: {},
              allotments: {},
            },
          }),
        );
        const { evaluation } = sold;
        expect(sold.basis.keptBecause).toBeUndefined();
        const left = Object.fromEntries(evaluation.lines.map(({ lineId, qty }) => [lineId, qty]));
        const moves = evaluation.points.lots
          .map(({ bucket, points }, n) => ({ lotId: `${n}`, bucket, delta: points }))
          .concat(
            Object.entries(
              evaluation.points.spentByBucket ?? { base: evaluation.points.spent },
            ).map(([bucket, points]) => ({ lotId: bucket, bucket, delta: -points })),
          );
        let undone = NOTHING_UNDONE;
        let uses = targetOf(sold)({}).uses;
        while (Object.keys(left).length > 0) {
          const units: Record<string, number> = {};
          for (const lineId of Object.keys(left)) {
            if (next(3) === 0 && Object.keys(left).length > 1) continue;
            const qty = 1 + next(left[lineId] ?? 1);
            units[lineId] = qty;
            left[lineId] = (left[lineId] ?? 0) - qty;
            if (left[lineId] === 0) delete left[lineId];
          }
          if (Object.keys(units).length === 0) continue;
          const figures = back(sold, undone, units);
          expect(figures.refundMinor).toBeGreaterThanOrEqual(0);
          expect(figures.refundMinor).toBe(
            figures.paidMinor - figures.takenBackMinor + figures.addedMinor,
          );
          const undoneMoves = undoByBucket(moves, undone.moves ?? [], figures);
          const of = (sign: number): number =>
            undoneMoves.reduce(
              (sum, points, n) => ((moves[n]?.delta ?? 0) * sign > 0 ? sum + points : sum),
              0,
            );
          expect([of(1), of(-1)]).toEqual([pointsOf(figures.earned), pointsOf(figures.spent)]);
          undone = addUndone(undone, { ...figures.undone, moves: undoneMoves });
          expect(figures.isWhole).toBe(Object.keys(left).length === 0);
          uses = targetOf(sold)(undone.units).uses;
        }
        expect(undone.refundMinor).toBe(evaluation.payableMinor);
        expect(pointsOf(undone.earned)).toBe(evaluation.points.earned);
        expect(pointsOf(undone.spent)).toBe(evaluation.points.spent);
        expect(undone.moves).toEqual(
          moves.length === 0 ? undefined : moves.map(({ delta }) => Math.abs(delta)),
        );
        expect(undone.gifts.reduce((sum, { qty }) => sum + qty, 0)).toBe(
          evaluation.gifts.reduce((sum, { qty }) => sum + qty, 0),
        );
        expect(uses).toEqual([]);
      },
    ),
    { numRuns: 200 },
  );
}, 60_000);
