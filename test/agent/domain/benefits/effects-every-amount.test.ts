import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MONEY_MAX_MINOR } from '../../../../agent/contract/money.ts';
import { inputOf, lineDiscounts, outcome, rulesOf, run } from '../../../support/benefits.ts';

type Lines = Parameters<typeof inputOf>[0];

const effect = { kind: 'every-amount-off', everyMinor: 10_000, amountMinor: 2_000 };

function given(lines: Lines, values: object = {}, rule: object = {}) {
  return run(rulesOf([{ id: 'r', effect: { ...effect, ...values }, ...rule }]), inputOf(lines));
}

describe('every-amount-off', () => {
  test('takes the amount once for each full one, without end', () => {
    // 99.99: none. 100.00: one. 299.99: two. 1,000.00: ten.
    const off = (unitPriceMinor: number): number => given([['a', 1, unitPriceMinor]]).discountMinor;
    expect([9_999, 10_000, 29_999, 100_000].map(off)).toEqual([0, 2_000, 4_000, 20_000]);
  });

  test('stops at the given number of times, at the cap and at the room that floors leave', () => {
    expect(given([['a', 1, 100_000]], { maxTimes: 3 }).discountMinor).toBe(6_000);
    expect(given([['a', 1, 100_000]], {}, { caps: { discountMinor: 5_000 } }).discountMinor).toBe(
      5_000,
    );
    expect(given([{ unitPriceMinor: 100_000, minUnitPriceMinor: 99_000 }]).discountMinor).toBe(
      1_000,
    );
  });

  test('counts the target lines together and spreads over them in proportion', () => {
    // 60.00 + 50.00 = 110.00: one time 20.00. 2,000 x 6/11 = 1,090.9 and 2,000 x 5/11 = 909.1.
    const lines = [
      { unitPriceMinor: 6_000, category: 'meal' },
      { unitPriceMinor: 5_000, category: 'meal' },
      { unitPriceMinor: 90_000, category: 'other' },
    ];
    const evaluation = given(lines, {}, { target: { category: ['meal'] } });
    expect(lineDiscounts(evaluation)).toEqual({ L1: 1_091, L2: 909, L3: 0 });
  });

  test('short of the first time tells what is missing', () => {
    // 100.00 - 87.60 = 12.40.
    expect(outcome(given([['a', 1, 8_760]]), 'r')).toMatchObject({
      status: 'refused',
      code: 'min-subtotal',
      seen: '8760',
      needed: '10000',
      difference: 1_240,
      text: { 'zh-CN': '还差 12.40 元', en: expect.stringContaining('12.40') },
    });
  });

  test('of the largest basket, times an amount whose product leaves 2^53, takes the basket and no more', () => {
    // 9 x 10^11 times 9 x 10^11 / 1 is far beyond 2^53.
    const whole = given([['a', 1, MONEY_MAX_MINOR]], { everyMinor: 1, amountMinor: 1 });
    expect(whole.payableMinor).toBe(0);
    const beyond = given([['a', 1, MONEY_MAX_MINOR]], {
      everyMinor: 900_000,
      amountMinor: 899_999,
    });
    // 10^6 times 899,999.
    expect(beyond.discountMinor).toBe(899_999_000_000);
  });

  test('never gives less for more bought', () => {
    const price = fc.integer({ min: 0, max: 60_000 });
    fc.assert(
      fc.property(price, price, (first, more) => {
        const before = given([['a', 1, first]]).discountMinor;
        expect(given([['a', 1, first + more]]).discountMinor).toBeGreaterThanOrEqual(before);
        // By counting: 20.00 once for each hundred that can be taken away.
        let left = first;
        let counted = 0;
        for (; left >= 10_000; left -= 10_000) counted += 2_000;
        expect(before).toBe(counted);
      }),
      { numRuns: 100 },
    );
  });
});
