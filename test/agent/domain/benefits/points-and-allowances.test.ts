import { describe, expect, test } from 'vitest';
import { evaluationSchema } from '../../../../agent/contract/evaluation.ts';
import { MONEY_MAX_MINOR, POINTS_MAX } from '../../../../agent/contract/money.ts';
import { inputOf, memberOf, outcome, rulesOf, run } from '../../../support/benefits.ts';

const earn = {
  id: 'earn',
  lane: 'points-earn',
  effect: { kind: 'points-earn', perMinor: 100, points: 1 },
};
const redeem = {
  id: 'redeem',
  lane: 'points-spend',
  effect: { kind: 'points-redeem', minorPerPoint: 10, minPoints: 100 },
};
const member = memberOf();
const reachable = (available: number) => ({
  points: { reachable: true, available },
  coupons: {},
  allotments: {},
});

describe('points earned', () => {
  test('count what is paid after every discount and after points spent', () => {
    const compiled = rulesOf([
      earn,
      redeem,
      { id: 'off', effect: { kind: 'fixed-off-order', amountMinor: 1_000 } },
    ]);
    const evaluation = run(
      compiled,
      inputOf([['a', 1, 10_000]], { member, pointsToSpend: 200, allowances: reachable(500) }),
    );
    expect(evaluation.payableMinor).toBe(7_000);
    expect(evaluation.points).toMatchObject({ spent: 200, spentMinor: 2_000, earned: 70 });
  });

  test('stop at what one sale may earn over all rules, and a notice says so', () => {
    const compiled = rulesOf([
      earn,
      {
        ...earn,
        id: 'more',
        group: 'more',
        effect: { kind: 'points-earn', perMinor: 1, points: 1 },
      },
    ]);
    const evaluation = run(compiled, inputOf([['a', 1, MONEY_MAX_MINOR]], { member }));
    expect(evaluation.points.earned).toBe(POINTS_MAX);
    expect(evaluation.notices).toMatchObject([{ code: 'points-capped' }]);
    expect(evaluation.lines[0]?.pointsEarned).toBe(POINTS_MAX);
    expect(evaluationSchema.safeParse(evaluation).error).toBeUndefined();
    const most = run(rulesOf([earn]), inputOf([['a', 1, POINTS_MAX * 100]], { member }));
    expect([most.points.earned, most.notices]).toEqual([POINTS_MAX, []]);
  });

  test('a balance above what one sale moves can still be spent from', () => {
    const evaluation = run(
      rulesOf([redeem]),
      inputOf([['a', 1, 10_000]], {
        member,
        pointsToSpend: 200,
        allowances: reachable(POINTS_MAX * 3),
      }),
    );
    expect(evaluation.points.spent).toBe(200);
  });

  test('count the list price where the rule says gross', () => {
    const gross = { ...earn, effect: { ...earn.effect, basis: 'gross' } };
    const compiled = rulesOf([
      gross,
      { id: 'off', effect: { kind: 'percent-off-order', percentBp: 5_000 } },
    ]);
    expect(run(compiled, inputOf([['a', 1, 10_000]], { member })).points.earned).toBe(100);
  });

  test('are rounded down once, after all factors of all steps are multiplied', () => {
    const factor = (id: string, step: number) => ({
      id,
      lane: 'points-earn',
      step,
      effect: { kind: 'points-multiplier', factorBp: 15_000 },
    });
    const compiled = rulesOf([earn, factor('x', 1), factor('y', 2)]);
    // 1.99 x 1.5 x 1.5 = 4.4775; rounding between the factors would give 2 or 3.
    expect(run(compiled, inputOf([['a', 1, 199]], { member })).points.earned).toBe(4);
  });

  test('are multiplied only on the lines that a factor covers', () => {
    const double = {
      id: 'x2',
      lane: 'points-earn',
      target: { category: ['green'] },
      effect: { kind: 'points-multiplier', factorBp: 20_000 },
    };
    const lines = [
      { unitPriceMinor: 1_000, category: 'green' },
      { unitPriceMinor: 1_000, category: 'other' },
    ];
    const evaluation = run(rulesOf([earn, double]), inputOf(lines, { member }));
    expect(evaluation.points.earned).toBe(30);
    expect(evaluation.lines.map((line) => line.pointsEarned)).toEqual([20, 10]);
  });

  test('of one group the larger factor wins', () => {
    const factor = (id: string, factorBp: number) => ({
      id,
      lane: 'points-earn',
      group: 'day',
      effect: { kind: 'points-multiplier', factorBp },
    });
    const evaluation = run(
      rulesOf([earn, factor('x2', 20_000), factor('x3', 30_000)]),
      inputOf([['a', 1, 1_000]], { member }),
    );
    expect(evaluation.points.earned).toBe(30);
    expect(outcome(evaluation, 'x2')).toMatchObject({ status: 'lost-to', lostTo: 'x3' });
  });

  test('stop at the cap, and a guest earns none', () => {
    const compiled = rulesOf([{ ...earn, caps: { points: 5 } }]);
    expect(run(compiled, inputOf([['a', 1, 1_000]], { member })).points.earned).toBe(5);
    expect(outcome(run(compiled, inputOf([['a', 1, 1_000]])), 'earn').code).toBe('member-unknown');
  });
});

describe('points spent', () => {
  const spend = (pointsToSpend: number, available: number | null, price = 10_000) => {
    const allowances =
      available === null
        ? { points: { reachable: false }, coupons: {}, allotments: {} }
        : reachable(available);
    return run(
      rulesOf([redeem]),
      inputOf([['a', 1, price]], { member, pointsToSpend, allowances }),
    );
  };

  test('are limited by what may be spent and by the basket, in whole points', () => {
    expect(spend(300, 1_000).points).toMatchObject({ spent: 300, spentMinor: 3_000 });
    expect(spend(300, 250).points.spent).toBe(250);
    expect(spend(5_000, 5_000, 2_005)).toMatchObject({ payableMinor: 5, points: { spent: 200 } });
  });

  test('below the least amount are refused with what is missing', () => {
    expect(outcome(spend(99, 1_000), 'redeem')).toMatchObject({
      status: 'refused',
      code: 'min-points',
      difference: 1,
    });
    expect(outcome(spend(300, 0), 'redeem')).toMatchObject({
      status: 'refused',
      code: 'points-balance',
    });
    expect(outcome(spend(0, 500), 'redeem')).toMatchObject({
      status: 'not-applicable',
      code: 'points-not-requested',
    });
  });

  test('with no holder reachable are refused with the sentence for the cashier', () => {
    const refused = outcome(spend(300, null), 'redeem');
    expect(refused).toMatchObject({ status: 'refused', code: 'allowance-unreachable' });
    expect(refused.text['zh-CN']).toBe('总部暂时联系不上，积分暂不能使用');
    expect(refused.text.en).toContain('Headquarters cannot be reached');
  });
});

describe('coupons', () => {
  const coupon = {
    id: 'c',
    lane: 'coupon',
    coupon: { code: 'ONE', uses: 'single' },
    effect: { kind: 'fixed-off-order', amountMinor: 100 },
  };
  const present = (state?: string) =>
    run(
      rulesOf([coupon]),
      inputOf([['a', 1, 1_000]], {
        codes: ['ONE'],
        allowances: {
          points: { reachable: false },
          coupons: state === undefined ? {} : { ONE: state },
          allotments: {},
        },
      }),
    );

  test('apply where their holder has them available, and are claimed', () => {
    const evaluation = present('available');
    expect(evaluation.couponsUsed).toEqual(['ONE']);
    expect(evaluation.payableMinor).toBe(900);
  });

  const refusals: [string | undefined, string][] = [
    ['unreachable', 'allowance-unreachable'],
    [undefined, 'allowance-unreachable'],
    ['used', 'coupon-used'],
    ['expired', 'coupon-expired'],
    ['unknown', 'coupon-unknown'],
  ];
  for (const [state, code] of refusals) {
    test(`that are ${state ?? 'not asked about'} are refused with ${code}`, () => {
      expect(outcome(present(state), 'c')).toMatchObject({ status: 'refused', code });
    });
  }

  test('ask for their code even where the author wrote no condition', () => {
    expect(outcome(run(rulesOf([coupon]), inputOf([['a', 1, 1_000]])), 'c')).toMatchObject({
      status: 'not-applicable',
      code: 'code-missing',
    });
  });

  test('with a code like a property of every object are asked for like any other', () => {
    const odd = { ...coupon, coupon: { code: 'constructor', uses: 'single' } };
    const evaluation = run(rulesOf([odd]), inputOf([['a', 1, 1_000]], { codes: ['constructor'] }));
    expect(outcome(evaluation, 'c').code).toBe('allowance-unreachable');
  });

  test('with unlimited uses need no holder', () => {
    const leaflet = { ...coupon, coupon: { code: 'ONE', uses: 'unlimited' } };
    expect(
      run(rulesOf([leaflet]), inputOf([['a', 1, 1_000]], { codes: ['ONE'] })).payableMinor,
    ).toBe(900);
  });

  test('that no rule knows are told in a notice', () => {
    const { notices } = run(rulesOf([coupon]), inputOf([['a', 1, 1_000]], { codes: ['TYPO'] }));
    expect(notices).toMatchObject([{ code: 'code-unknown', field: 'codes.0' }]);
  });
});

describe('a scarce benefit', () => {
  const scarce = {
    id: 's',
    lane: 'entitlement',
    allotment: { id: 'tickets' },
    effect: { kind: 'entitlement', entitlement: 'ticket' },
  };
  const give = (allotments: object) =>
    run(
      rulesOf([scarce]),
      inputOf([['a', 1, 1]], {
        allowances: { points: { reachable: false }, coupons: {}, allotments },
      }),
    );

  test('takes one use from the allotment of the store, and none when nothing is left or nobody answers', () => {
    expect(give({ tickets: { reachable: true, available: 1 } }).claims.allotments).toEqual([
      'tickets',
    ]);
    expect(outcome(give({ tickets: { reachable: true, available: 0 } }), 's').code).toBe(
      'allotment-exhausted',
    );
    expect(outcome(give({ tickets: { reachable: false } }), 's').code).toBe(
      'allowance-unreachable',
    );
    expect(outcome(give({}), 's').code).toBe('allowance-unreachable');
  });
});

describe('a right that is withheld until the member proves more', () => {
  const why = { 'zh-CN': '请出示动态码', en: 'Show the code in the app' };

  test('is refused with the sentence, in whatever lane the rule stands', () => {
    for (const lane of ['points-spend', 'basket']) {
      const compiled = rulesOf([{ ...redeem, lane }]);
      const input = inputOf([['a', 1, 10_000]], {
        member,
        pointsToSpend: 200,
        allowances: reachable(500),
        withheld: { 'points-spend': why },
      });
      const evaluation = run(compiled, input);
      expect(evaluation.points.spent).toBe(0);
      expect(outcome(evaluation, 'redeem')).toMatchObject({
        status: 'refused',
        code: 'proof-needed',
        text: why,
      });
    }
  });
});
