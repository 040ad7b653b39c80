import { describe, expect, test } from 'vitest';
import { evaluationSchema } from '../../../../agent/contract/evaluation.ts';
import {
  MEMBER_MAX_BUCKETS,
  memberFactsSchema,
} from '../../../../agent/contract/evaluation-input.ts';
import {
  inputOf,
  lineDiscounts,
  memberOf,
  outcome,
  rulesOf,
  run,
} from '../../../support/benefits.ts';

const redeem = (id: string, rest: object = {}, effect: object = {}) => ({
  id,
  lane: 'points-spend',
  ...rest,
  effect: { kind: 'points-redeem', minorPerPoint: 10, ...effect },
});
const MEAL = redeem('meal', { step: 1, target: { category: ['meal'] } }, { bucket: 'meal' });
const BASE = redeem('base', { step: 2 });

function spend(
  pointsToSpend: number,
  meal: number | null,
  base: number | null,
  rules = [BASE, MEAL],
) {
  return run(
    rulesOf(rules),
    inputOf(
      [
        { category: 'meal', unitPriceMinor: 1_000 },
        { category: 'other', unitPriceMinor: 9_000 },
      ],
      {
        member: memberOf(meal === null ? {} : { pointsByBucket: { meal } }),
        pointsToSpend,
        allowances: {
          points: base === null ? { reachable: false } : { reachable: true, available: base },
          coupons: {},
          allotments: {},
        },
      },
    ),
  );
}

describe('points of a category', () => {
  test('pay only for the lines of their rule, and points of base for the rest of the request', () => {
    // 300 asked for: the meal of 10.00 takes 100 of 250, base pays 200 = 20.00 off the other line.
    const evaluation = spend(300, 250, 500);
    expect(evaluation.points).toMatchObject({
      spent: 300,
      spentMinor: 3_000,
      spentByBucket: { meal: 100, base: 200 },
    });
    expect(lineDiscounts(evaluation)).toEqual({ L1: 1_000, L2: 2_000 });
    expect(outcome(evaluation, 'meal').points).toBe(-100);
    expect(evaluationSchema.parse(evaluation)).toEqual(evaluation);
  });

  test('stop at their balance, and at the request', () => {
    // 60 of the category, then 240 of base.
    expect(spend(300, 60, 500).points.spentByBucket).toEqual({ meal: 60, base: 240 });
    expect(spend(40, 60, 500).points.spentByBucket).toEqual({ meal: 40 });
  });

  test('are spent once, however many rules of the category there are', () => {
    const again = redeem('meal-again', { step: 1 }, { bucket: 'meal' });
    // 150 of the category: 100 pay for the meal, 50 are left for the second rule.
    const evaluation = spend(900, 150, 0, [MEAL, again]);
    expect(evaluation.points).toMatchObject({ spent: 150, spentByBucket: { meal: 150 } });
  });

  test('that the member has none of are said so, and keep nobody from spending others', () => {
    for (const held of [0, null, -5]) {
      const evaluation = spend(300, held, 500);
      expect(evaluation.points.spent).toBe(300);
      expect(outcome(evaluation, 'meal')).toMatchObject({
        status: 'refused',
        code: 'points-balance',
        text: { 'zh-CN': '会员没有这类积分', en: 'The member has no points of this kind' },
      });
    }
  });

  test('wait for the holder of points as those of base do', () => {
    expect(outcome(spend(300, 250, null), 'meal').code).toBe('allowance-unreachable');
  });

  test('are told only where some were spent: its absence means that all were of base', () => {
    expect(spend(300, 0, 500).points).not.toHaveProperty('spentByBucket');
    expect(spend(0, 100, 500).points).not.toHaveProperty('spentByBucket');
  });

  test(`are of ${MEMBER_MAX_BUCKETS} categories at most`, () => {
    const buckets = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, nth) => [`bucket-${nth}`, 1]));
    const held = (count: number) =>
      memberFactsSchema.safeParse(memberOf({ pointsByBucket: buckets(count) })).success;
    expect([held(MEMBER_MAX_BUCKETS), held(MEMBER_MAX_BUCKETS + 1)]).toEqual([true, false]);
  });

  test('named like a member of every object are none', () => {
    const rule = redeem('odd', {}, { bucket: 'constructor' });
    expect(spend(300, 100, 500, [rule]).points.spent).toBe(0);
  });
});
