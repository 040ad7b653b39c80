import { describe, expect, test } from 'vitest';
import { type Evaluation, evaluationSchema } from '../../../../agent/contract/evaluation.ts';
import { keptEvaluation, replaySale } from '../../../../agent/domain/benefits/replay-sale.ts';
import { canonicalJson } from '../../../../agent/domain/ledger/canonical-json.ts';
import { inputOf, memberOf, outcome, rulesOf, run } from '../../../support/benefits.ts';

const earn = (id: string, rest: object = {}, effect: object = {}) => ({
  id,
  lane: 'points-earn',
  ...rest,
  effect: { kind: 'points-earn', perMinor: 100, points: 1, ...effect },
});
const redeem = (id: string, rest: object = {}, effect: object = {}) => ({
  id,
  lane: 'points-spend',
  ...rest,
  effect: { kind: 'points-redeem', minorPerPoint: 10, ...effect },
});
const LINES = [
  { sku: 'meal', category: 'meal', unitPriceMinor: 1_000 },
  { sku: 'pot', category: 'home', qty: 2, unitPriceMinor: 2_000 },
];
const input = (more: object = {}) =>
  inputOf(LINES, {
    member: memberOf({ pointsByBucket: { meal: 60 } }),
    allowances: { points: { reachable: true, available: 500 }, coupons: {}, allotments: {} },
    ...more,
  });

describe('points by category of each line', () => {
  const rules = rulesOf([
    redeem('meal', { step: 1, target: { category: ['meal'] } }, { bucket: 'meal' }),
    redeem('base', { step: 2 }),
    earn('plain'),
    earn('green', { target: { category: ['home'] } }, { bucket: 'green', points: 2 }),
  ]);

  test('sum up to the points of the line and to those of the sale', () => {
    const evaluation = run(rules, input({ pointsToSpend: 100 }));
    // 60 of meal pay 6.00 of the meal; 40 of base pay 4.00 of the 44.00 that are left: 4 : 40.
    // Left to pay: 3.64 and 36.36, which earn 40 of base, 4 : 36, and 72 of green for the pots.
    expect(evaluation.lines).toMatchObject([
      { pointsSpent: 64, pointsSpentByBucket: { meal: 60, base: 4 }, pointsEarned: 4 },
      {
        pointsSpent: 36,
        pointsEarned: 108,
        pointsEarnedByBucket: { base: 36, green: 72 },
      },
    ]);
    expect(evaluation.points.spentByBucket).toEqual({ meal: 60, base: 40 });
    expect(evaluationSchema.parse(evaluation)).toEqual(evaluation);
  });

  test('are told only of lines that have others than those of base', () => {
    const [meal, pot] = run(rules, input({ pointsToSpend: 100 })).lines;
    expect(meal).not.toHaveProperty('pointsEarnedByBucket');
    expect(pot).not.toHaveProperty('pointsSpentByBucket');
  });

  test('that an older sale does not tell are no difference when it is replayed, and a changed one is', () => {
    const sale = input({ pointsToSpend: 100 });
    const stored = keptEvaluation(run(rules, sale));
    const replayed = (evaluation: unknown) => {
      const { listMinor, discountMinor, payableMinor, points } = stored;
      const figures = {
        ...{ listMinor, discountMinor, payableMinor },
        pointsEarned: points.earned,
        pointsSpent: points.spent,
      };
      const body = { input: sale, evaluation, memberId: 'M1' };
      const done = replaySale(rules, figures, JSON.parse(canonicalJson(body)));
      return done.ok ? done.value.differences.map(({ path }) => path) : done.error;
    };
    const older = stored.lines.map(
      ({ pointsEarnedByBucket: _e, pointsSpentByBucket: _s, ...line }) => line,
    );
    expect(replayed(stored)).toEqual([]);
    expect(replayed({ ...stored, lines: older })).toEqual([]);
    const changed = stored.lines.map((line) =>
      line.pointsEarnedByBucket === undefined
        ? line
        : { ...line, pointsEarnedByBucket: { base: 37, green: 71 } },
    );
    expect(replayed({ ...stored, lines: changed })).not.toEqual([]);
  });
});

describe('points that wait', () => {
  const lots = (evaluation: Evaluation) =>
    evaluation.points.lots.map(({ ruleId, points, pendingDays }) => [ruleId, points, pendingDays]);

  test('do so for as long as the rule set says, and a rule may say otherwise', () => {
    const rules = rulesOf(
      [
        earn('set'),
        earn('longer', {}, { bucket: 'green', pendingDays: 30 }),
        earn('at-once', {}, { bucket: 'meal', pendingDays: 0 }),
      ],
      { points: { pendingDays: 14 } },
    );
    expect(lots(run(rules, input()))).toEqual([
      ['at-once', 50, undefined],
      ['longer', 50, 30],
      ['set', 50, 14],
    ]);
  });

  test('are none where neither says so', () => {
    const [lot] = run(rulesOf([earn('plain')]), input()).points.lots;
    expect(lot).toEqual({ ruleId: 'plain', bucket: 'base', points: 50 });
  });
});

describe('a cap of points on points spent', () => {
  const spend = (points: number, pointsToSpend: number, effect: object = {}) =>
    run(rulesOf([redeem('base', { caps: { points } }, effect)]), input({ pointsToSpend }));

  test('holds to the point', () => {
    expect(spend(100, 100).points).toMatchObject({ spent: 100, spentMinor: 1_000 });
    expect(spend(99, 100).points).toMatchObject({ spent: 99, spentMinor: 990 });
    expect(spend(101, 100).points.spent).toBe(100);
  });

  test('leaves what it cuts off for a later rule of the same request', () => {
    const rules = rulesOf([
      redeem('first', { step: 1, caps: { points: 30 } }),
      redeem('second', { step: 2 }),
    ]);
    const evaluation = run(rules, input({ pointsToSpend: 100 }));
    expect([outcome(evaluation, 'first').points, outcome(evaluation, 'second').points]).toEqual([
      -30, -70,
    ]);
  });

  test('below the least number of points refuses the rule with both figures', () => {
    expect(outcome(spend(99, 500, { minPoints: 100 }), 'base')).toMatchObject({
      status: 'refused',
      code: 'min-points',
      seen: '99',
      needed: '100',
      difference: 1,
    });
  });
});
