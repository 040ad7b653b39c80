import { describe, expect, test } from 'vitest';
import {
  inputOf,
  lineDiscounts,
  memberOf,
  outcome,
  rulesOf,
  run,
} from '../../../support/benefits.ts';

type Lines = Parameters<typeof inputOf>[0];

/** Discounts by line of one rule with this effect. */
function discounts(
  effect: object,
  lines: Lines,
  rule: object = {},
  rest: object = {},
): Record<string, number> {
  return lineDiscounts(run(rulesOf([{ id: 'r', effect, ...rule }]), inputOf(lines, { ...rest })));
}

describe('percent-off-items', () => {
  test('rounds line by line', () => {
    const lines: Lines = [
      ['a', 1, 1_999],
      ['b', 1, 1_999],
    ];
    expect(discounts({ kind: 'percent-off-items', percentBp: 2_000 }, lines)).toEqual({
      L1: 400,
      L2: 400,
    });
  });

  test('with a unit limit takes only that share of the line', () => {
    const effect = { kind: 'percent-off-items', percentBp: 5_000, maxUnitsPerLine: 1 };
    expect(discounts(effect, [['a', 3, 1_000]])).toEqual({ L1: 500 });
  });

  test('rounds down where the rule says so', () => {
    const effect = { kind: 'percent-off-items', percentBp: 2_000 };
    expect(discounts(effect, [['a', 1, 1_999]], { rounding: 'down' })).toEqual({ L1: 399 });
  });
});

describe('fixed-off-items', () => {
  test('takes the amount off each unit, never more than the unit costs', () => {
    const effect = { kind: 'fixed-off-items', amountMinor: 300 };
    expect(
      discounts(effect, [
        ['a', 2, 1_000],
        ['b', 3, 200],
      ]),
    ).toEqual({ L1: 600, L2: 600 });
  });

  test('stops at a price floor', () => {
    const effect = { kind: 'fixed-off-items', amountMinor: 300 };
    const lines = [{ qty: 2, unitPriceMinor: 1_000, minUnitPriceMinor: 800 }];
    expect(discounts(effect, lines)).toEqual({ L1: 400 });
  });
});

describe('order effects', () => {
  test('a percentage is rounded once on the sum, then capped, then spread', () => {
    const lines: Lines = [
      ['a', 1, 1_999],
      ['b', 1, 1_999],
    ];
    expect(discounts({ kind: 'percent-off-order', percentBp: 2_000 }, lines)).toEqual({
      L1: 400,
      L2: 400,
    });
    expect(
      discounts({ kind: 'percent-off-order', percentBp: 5_000 }, lines, {
        caps: { discountMinor: 101 },
      }),
    ).toEqual({ L1: 51, L2: 50 });
  });

  test('an amount above the basket is cut to it', () => {
    expect(discounts({ kind: 'fixed-off-order', amountMinor: 9_999 }, [['a', 1, 500]])).toEqual({
      L1: 500,
    });
  });

  test('what a floor blocks moves to the open line', () => {
    const lines = [{ unitPriceMinor: 5_000, minUnitPriceMinor: 4_500 }, { unitPriceMinor: 2_000 }];
    expect(discounts({ kind: 'percent-off-order', percentBp: 2_000 }, lines)).toEqual({
      L1: 500,
      L2: 900,
    });
  });

  test('a price floor above the shelf price leaves no room and raises nothing', () => {
    const lines = [{ unitPriceMinor: 1_000, minUnitPriceMinor: 2_000 }];
    expect(discounts({ kind: 'fixed-off-order', amountMinor: 500 }, lines)).toEqual({ L1: 0 });
  });

  test('a step is reached at its threshold, inclusive', () => {
    const effect = {
      kind: 'tiered-fixed-order',
      baseAmountMinor: 0,
      steps: [
        { fromMinor: 10_000, amountMinor: 500 },
        { fromMinor: 20_000, amountMinor: 1_500 },
      ],
    };
    expect(discounts(effect, [['a', 1, 9_999]])).toEqual({ L1: 0 });
    expect(discounts(effect, [['a', 1, 10_000]])).toEqual({ L1: 500 });
    expect(discounts(effect, [['a', 1, 20_000]])).toEqual({ L1: 1_500 });
  });
});

describe('member-price', () => {
  const effect = {
    kind: 'member-price',
    prices: [
      { sku: 'a', unitPriceMinor: 900 },
      { sku: 'a', tier: 'gold', unitPriceMinor: 800 },
    ],
  };
  const rule = { lane: 'price', when: 'member.known' };

  test('gives the lowest price that the tier has', () => {
    expect(
      discounts(effect, [['a', 3, 1_000]], rule, { member: memberOf({ tier: 'gold' }) }),
    ).toEqual({ L1: 600 });
    expect(
      discounts(effect, [['a', 3, 1_000]], rule, { member: memberOf({ tier: 'silver' }) }),
    ).toEqual({ L1: 300 });
  });

  test('never raises a price and touches no other article', () => {
    const lines: Lines = [
      ['a', 1, 700],
      ['b', 1, 5_000],
    ];
    expect(discounts(effect, lines, rule, { member: memberOf() })).toEqual({ L1: 0, L2: 0 });
  });
});

describe('unit effects', () => {
  test('percent-off-cheapest-unit reduces one unit of the cheapest line, a tie the earlier one', () => {
    const effect = { kind: 'percent-off-cheapest-unit', percentBp: 10_000 };
    expect(
      discounts(effect, [
        ['a', 1, 900],
        ['b', 4, 300],
        ['c', 2, 300],
      ]),
    ).toEqual({ L1: 0, L2: 300, L3: 0 });
  });

  test('percent-off-cheapest-unit reduces so many units, going on to the next cheapest line', () => {
    const effect = { kind: 'percent-off-cheapest-unit', percentBp: 5_000, units: 3 };
    // Cheapest first: 2 x 300 at 50 % = 300, then 1 of 4 x 400: 1,600 / 4 / 2 = 200.
    expect(
      discounts(effect, [
        ['a', 1, 900],
        ['b', 4, 400],
        ['c', 2, 300],
      ]),
    ).toEqual({ L1: 0, L2: 200, L3: 300 });
    // More units than there are: all of them. 450 + 300.
    expect(
      discounts(effect, [
        ['a', 1, 900],
        ['c', 1, 600],
      ]),
    ).toEqual({ L1: 450, L2: 300 });
  });

  test('percent-off-cheapest-unit per so many units repeats, and short of them tells how many are missing', () => {
    const effect = { kind: 'percent-off-cheapest-unit', percentBp: 10_000, units: 1, perUnits: 3 };
    // 7 units that cost something = 2 full threes: the 2 cheapest of all, 200 and one of 300. The free bag counts for nothing.
    const lines: Lines = [
      ['a', 3, 500],
      ['b', 3, 300],
      ['c', 1, 200],
      ['bag', 5, 0],
    ];
    expect(discounts(effect, lines)).toEqual({ L1: 0, L2: 300, L3: 200, L4: 0 });
    const two = run(
      rulesOf([{ id: 'r', effect }]),
      inputOf([
        ['a', 2, 500],
        ['bag', 5, 0],
      ]),
    );
    expect(outcome(two, 'r')).toMatchObject({
      status: 'refused',
      code: 'no-effect',
      seen: '2',
      difference: 1,
      text: { 'zh-CN': '还差 1 件', en: '1 more items needed' },
    });
  });

  test('quantity-groups reduces only complete groups, in line order', () => {
    const effect = { kind: 'quantity-groups', groupSize: 3, percentBp: 1_000 };
    expect(
      discounts(effect, [
        ['a', 2, 1_000],
        ['b', 3, 1_000],
      ]),
    ).toEqual({ L1: 200, L2: 100 });
  });

  test('buy-x-get-y sets the dearest aside and repeats as often as it may', () => {
    const effect = {
      kind: 'buy-x-get-y',
      buy: { qty: 1 },
      get: { qty: 1, percentBp: 10_000, pick: 'cheapest' },
      maxApplications: 2,
    };
    // Bought: c, then b. Free: a, then a.
    expect(
      discounts(effect, [
        ['a', 2, 100],
        ['b', 2, 200],
        ['c', 1, 500],
      ]),
    ).toEqual({ L1: 200, L2: 0, L3: 0 });
  });

  test('buy-x-get-y is all or nothing in each application', () => {
    const effect = {
      kind: 'buy-x-get-y',
      buy: { qty: 2 },
      get: { qty: 2, percentBp: 10_000, pick: 'cheapest' },
    };
    expect(discounts(effect, [['a', 3, 100]])).toEqual({ L1: 0 });
    expect(discounts(effect, [['a', 7, 100]])).toEqual({ L1: 200 });
  });
});

describe('grants', () => {
  test('an entitlement is given from the exact threshold on and carries its last day', () => {
    const rule = {
      id: 'lane',
      lane: 'entitlement',
      when: 'member.yearSpendMinor >= 1000000',
      effect: { kind: 'entitlement', entitlement: 'priority-lane', validDays: 30 },
    };
    const given = (yearSpendMinor: number) =>
      run(rulesOf([rule]), inputOf([['a', 1, 1]], { member: memberOf({ yearSpendMinor }) }));
    expect(given(999_999).entitlements).toEqual([]);
    expect(outcome(given(999_999), 'lane')).toMatchObject({
      code: 'min-year-spend',
      difference: 1,
    });
    expect(given(1_000_000).entitlements).toEqual([
      { kind: 'priority-lane', validUntil: '2026-12-21' },
    ]);
  });

  test('a gift comes once, or once per full count where it repeats; short of it the missing units are told', () => {
    const gift = (repeat: boolean) =>
      rulesOf([
        {
          id: 'g',
          lane: 'entitlement',
          effect: { kind: 'gift-item', buy: { qty: 3 }, gift: { sku: 'pen', qty: 1 }, repeat },
        },
      ]);
    expect(run(gift(false), inputOf([['a', 7, 1]])).gifts).toEqual([
      { ruleId: 'g', sku: 'pen', qty: 1 },
    ]);
    expect(run(gift(true), inputOf([['a', 7, 1]])).gifts).toEqual([
      { ruleId: 'g', sku: 'pen', qty: 2 },
    ]);
    expect(outcome(run(gift(true), inputOf([['a', 2, 1]])), 'g')).toMatchObject({
      code: 'no-effect',
      difference: 1,
    });
  });

  test('a gift carries what each piece costs that does not come back', () => {
    const gift = (valueMinor: number | undefined) =>
      run(
        rulesOf([
          {
            id: 'g',
            lane: 'entitlement',
            effect: {
              kind: 'gift-item',
              buy: { qty: 2 },
              gift: { sku: 'pen', qty: 1, valueMinor },
              repeat: true,
            },
          },
        ]),
        inputOf([['a', 4, 1]]),
      ).gifts;
    expect(gift(1_500)).toEqual([{ ruleId: 'g', sku: 'pen', qty: 2, valueMinor: 1_500 }]);
    expect(gift(undefined)).toStrictEqual([{ ruleId: 'g', sku: 'pen', qty: 2 }]);
  });

  test('the tier after the sale counts what is paid, inclusive', () => {
    const effect = {
      kind: 'spend-tier',
      steps: [
        { tier: 'silver', fromMinor: 0 },
        { tier: 'gold', fromMinor: 1_000_000 },
      ],
    };
    const compiled = rulesOf([{ id: 't', lane: 'entitlement', effect }]);
    const member = memberOf({ yearSpendMinor: 900_000 });
    expect(run(compiled, inputOf([['a', 1, 99_999]], { member })).tierAfter).toBe('silver');
    expect(run(compiled, inputOf([['a', 1, 100_000]], { member })).tierAfter).toBe('gold');
  });
});
