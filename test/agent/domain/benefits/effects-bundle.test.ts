import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MONEY_MAX_MINOR } from '../../../../agent/contract/money.ts';
import { inputOf, lineDiscounts, outcome, rulesOf, run } from '../../../support/benefits.ts';

type Lines = Parameters<typeof inputOf>[0];

const category = (...names: string[]) => ({ category: names });
const BURGER_AND_DRINK = [
  { target: category('burger'), qty: 1 },
  { target: category('drink'), qty: 1 },
];
const burger = (qty: number, unitPriceMinor: number, rest: object = {}) => ({
  category: 'burger',
  qty,
  unitPriceMinor,
  ...rest,
});
const drink = (qty: number, unitPriceMinor: number, rest: object = {}) => ({
  category: 'drink',
  qty,
  unitPriceMinor,
  ...rest,
});

function given(effect: object, lines: Lines, rule: object = {}) {
  return run(
    rulesOf([
      {
        id: 'r',
        lane: 'multi-buy',
        effect: { kind: 'bundle', parts: BURGER_AND_DRINK, ...effect },
        ...rule,
      },
    ]),
    inputOf(lines),
  );
}

describe('a bundle', () => {
  test('at a price costs that price, spread in proportion to what its units cost', () => {
    // 20.00 + 10.00 for 24.00: 6.00 off, 2 : 1.
    const evaluation = given({ priceMinor: 2_400 }, [burger(1, 2_000), drink(1, 1_000)]);
    expect(evaluation.payableMinor).toBe(2_400);
    expect(lineDiscounts(evaluation)).toEqual({ L1: 400, L2: 200 });
  });

  test('takes the dearest units of each part and leaves the others at their price', () => {
    // The set is 25.00 + 12.00 = 37.00 for 24.00: 13.00 off; 1,300 x 25/37 = 878.4 and 1,300 x 12/37 = 421.6.
    const evaluation = given({ priceMinor: 2_400 }, [
      burger(1, 2_000),
      burger(1, 2_500),
      drink(1, 1_200),
    ]);
    expect(lineDiscounts(evaluation)).toEqual({ L1: 0, L2: 878, L3: 422 });
  });

  test('repeats as long as all parts are there, at most so many times', () => {
    // 3 burgers and 2 drinks make 2 sets of 30.00: 6.00 off each. Burgers 60.00 - 8.00, drinks 20.00 - 4.00.
    const lines = [burger(3, 2_000), drink(2, 1_000)];
    expect(lineDiscounts(given({ priceMinor: 2_400 }, lines))).toEqual({ L1: 800, L2: 400 });
    expect(lineDiscounts(given({ priceMinor: 2_400, maxApplications: 1 }, lines))).toEqual({
      L1: 400,
      L2: 200,
    });
  });

  test('at a percentage is rounded once for all sets together', () => {
    // 3 sets of 3.33 + 1.11 = 4.44 are 13.32; 12.5 % = 1.665, half up 1.67. Set by set it would be 3 x 0.56 = 1.68.
    const evaluation = given({ percentBp: 1_250 }, [burger(3, 333), drink(3, 111)]);
    expect(evaluation.discountMinor).toBe(167);
    // 167 x 999/1332 = 125.25, 167 x 333/1332 = 41.75.
    expect(lineDiscounts(evaluation)).toEqual({ L1: 125, L2: 42 });
  });

  test('at an amount off gives it once for each set, never more than the set costs', () => {
    expect(given({ amountMinor: 500 }, [burger(2, 2_000), drink(2, 1_000)]).discountMinor).toBe(
      1_000,
    );
    expect(given({ amountMinor: 5_000 }, [burger(1, 2_000), drink(1, 1_000)]).payableMinor).toBe(0);
  });

  test('dearer than its parts takes nothing', () => {
    const evaluation = given({ priceMinor: 2_400 }, [burger(1, 1_400), drink(1, 1_000)]);
    expect(evaluation.discountMinor).toBe(0);
    expect(outcome(evaluation, 'r')).toMatchObject({ status: 'refused', code: 'no-effect' });
  });

  test('is made only of sets that save something', () => {
    // 25.00 + 10.00 saves 11.00; the next, 12.00 + 10.00, would cost 2.00 more than without it.
    const evaluation = given({ priceMinor: 2_400 }, [
      burger(1, 2_500),
      burger(1, 1_200),
      drink(2, 1_000),
    ]);
    expect(evaluation.discountMinor).toBe(1_100);
    expect(lineDiscounts(evaluation)['L2']).toBe(0);
  });

  test('short of a part tells how many units are missing', () => {
    const parts = [
      { target: category('burger'), qty: 2 },
      { target: category('drink'), qty: 2 },
    ];
    // 1 burger and 2 drinks are missing 1 burger.
    const one = given({ parts, priceMinor: 1 }, [burger(1, 2_000), drink(2, 1_000)]);
    expect(outcome(one, 'r')).toMatchObject({
      code: 'no-effect',
      seen: '3',
      needed: '4',
      difference: 1,
      text: { 'zh-CN': '还差 1 件' },
    });
  });

  test('lets a unit serve one part only; parts choose in their order', () => {
    const parts = [
      { target: category('burger'), qty: 1 },
      { target: category('burger', 'drink'), qty: 1 },
    ];
    expect(given({ parts, priceMinor: 100 }, [burger(1, 2_000)]).discountMinor).toBe(0);
    // The first part takes the 20.00, the second the 15.00: 35.00 - 1.00.
    const evaluation = given({ parts, priceMinor: 100 }, [burger(1, 2_000), burger(1, 1_500)]);
    expect(evaluation.payableMinor).toBe(100);
  });

  test('moves what a floor blocks to the other units of the set, and is cut where all are blocked', () => {
    // 30.00 for 24.00 = 6.00 off; the burger can give 1.00, the drink takes 5.00.
    const blocked = burger(1, 2_000, { minUnitPriceMinor: 1_900 });
    expect(lineDiscounts(given({ priceMinor: 2_400 }, [blocked, drink(1, 1_000)]))).toEqual({
      L1: 100,
      L2: 500,
    });
    const both = [blocked, drink(1, 1_000, { minUnitPriceMinor: 900 })];
    expect(given({ priceMinor: 2_400 }, both).discountMinor).toBe(200);
  });

  test('never takes more off a line than its units in the sets cost, and stops at its cap', () => {
    // One burger of 20.00 is in the set, two are not: the line gives 20.00 at most.
    // What the drink at its floor cannot give is not taken from the other two.
    const evaluation = given({ priceMinor: 0 }, [
      burger(3, 2_000),
      drink(1, 1_000, { minUnitPriceMinor: 1_000 }),
    ]);
    expect(lineDiscounts(evaluation)).toEqual({ L1: 2_000, L2: 0 });
    const capped = given({ priceMinor: 0 }, [burger(3, 2_000), drink(1, 1_000)], {
      caps: { discountMinor: 300 },
    });
    expect(lineDiscounts(capped)).toEqual({ L1: 200, L2: 100 });
  });

  test('counts the units of a line that an earlier step left uneven to the cent', () => {
    // 3 units at 10.00 less 1.00 are 29.00: 9.67, 9.67, 9.66. The set takes a 9.67 and 5.00 for 10.00: 4.67 off.
    const evaluation = run(
      rulesOf([
        {
          id: 'first',
          lane: 'price',
          target: category('burger'),
          effect: { kind: 'fixed-off-items', amountMinor: 100, maxUnitsPerLine: 1 },
        },
        {
          id: 'set',
          lane: 'multi-buy',
          effect: { kind: 'bundle', parts: BURGER_AND_DRINK, priceMinor: 1_000 },
        },
      ]),
      inputOf([burger(3, 1_000), drink(1, 500)]),
    );
    expect(outcome(evaluation, 'set').discountMinor).toBe(467);
  });

  test('of the largest amounts stays exact', () => {
    // Half of 9 x 10^11 - 1, half up.
    const lines = [burger(1, MONEY_MAX_MINOR - 2), drink(1, 1)];
    expect(given({ percentBp: 5_000 }, lines).discountMinor).toBe(MONEY_MAX_MINOR / 2);
    expect(given({ priceMinor: 1 }, lines).payableMinor).toBe(1);
  });

  test('of so many units at its limit of repetitions stops there', () => {
    const lines = [burger(1_001, 20), drink(1_001, 10)];
    expect(given({ amountMinor: 1 }, lines).discountMinor).toBe(1_000);
  });

  test('saves what counting sets unit by unit saves', () => {
    const units = fc.array(fc.integer({ min: 1, max: 5_000 }), { maxLength: 6 });
    fc.assert(
      fc.property(
        units,
        units,
        fc.integer({ min: 0, max: 6_000 }),
        (burgers, drinks, priceMinor) => {
          const lines = [
            ...burgers.map((price) => burger(1, price)),
            ...drinks.map((price) => drink(1, price)),
          ];
          const dearest = (prices: number[]) => [...prices].sort((a, b) => b - a);
          const sets = dearest(burgers).map((price, nth) => {
            const other = dearest(drinks)[nth];
            return other === undefined ? 0 : Math.max(0, price + other - priceMinor);
          });
          const saved = sets.reduce((total, one) => total + one, 0);
          expect(given({ priceMinor }, lines).discountMinor).toBe(saved);
        },
      ),
      { numRuns: 100 },
    );
  });
});
