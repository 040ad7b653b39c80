import { describe, expect, it } from 'vitest';
import { NEAR_MISSES_MAX } from '../../../../agent/contract/why.ts';
import { nearMisses } from '../../../../agent/domain/benefits/near-misses.ts';
import { inputOf, memberOf, rulesOf } from '../../../support/benefits.ts';

const OFF = (amountMinor: number) => ({ kind: 'fixed-off-order', amountMinor });
const threshold = (id: string, least: number, more: Record<string, unknown> = {}) => ({
  id,
  when: `basket.listMinor >= ${least}`,
  effect: OFF(2_000),
  ...more,
});
const misses = (
  rules: Record<string, unknown>[],
  priceMinor: number,
  rest: Record<string, unknown> = {},
) => nearMisses(rulesOf(rules), inputOf([['any', 1, priceMinor]], rest));

describe('a near miss', () => {
  it('says what is missing and what it gives, in both languages', () => {
    expect(misses([threshold('hundred', 10_000)], 8_760)).toEqual([
      {
        ruleId: 'hundred',
        name: { 'zh-CN': '规则 hundred', en: 'Rule hundred' },
        unit: 'money',
        missing: 1_240,
        gainMinor: 2_000,
        text: {
          'zh-CN': '再买 12.40 元，立减 20.00 元',
          en: 'Add CNY 12.40 more and save CNY 20.00',
        },
      },
    ]);
  });

  it('is none once the benefit applies, nor where less than half of what it asks for is there', () => {
    expect(misses([threshold('hundred', 10_000)], 10_000)).toEqual([]);
    expect(misses([threshold('hundred', 10_000)], 5_000)).toHaveLength(1);
    expect(misses([threshold('hundred', 10_000)], 4_999)).toEqual([]);
  });

  it('is told only where buying more is all that it takes', () => {
    const gold = { when: 'basket.listMinor >= 10000 && member.tier == "gold"' };
    const asGold = { member: memberOf({ tier: 'gold' }) };
    expect(misses([threshold('gold', 0, gold)], 9_000)).toEqual([]);
    expect(misses([threshold('gold', 0, gold)], 9_000, asGold)).toHaveLength(1);
    const coupon = { coupon: { code: 'C1', uses: 'single' }, lane: 'coupon' };
    const withCode = { when: 'basket.listMinor >= 10000 && "C1" in codes', ...coupon };
    expect(misses([threshold('code', 0, withCode)], 9_000)).toEqual([]);
    const couponIs = (state: string) => ({
      codes: ['C1'],
      allowances: { points: { reachable: false }, coupons: { C1: state }, allotments: {} },
    });
    expect(misses([threshold('code', 0, withCode)], 9_000, couponIs('used'))).toEqual([]);
    expect(misses([threshold('code', 0, withCode)], 9_000, couponIs('available'))).toHaveLength(1);
  });

  it('is never a donation, which gives the shopper nothing', () => {
    const effect = { kind: 'donation', cause: 'books', perMinor: 10_000, amountMinor: 10 };
    expect(misses([{ id: 'books', lane: 'entitlement', effect }], 9_000)).toEqual([]);
  });

  it('is told, too, where the effect and not a condition asks for the amount', () => {
    const effect = { kind: 'every-amount-off', everyMinor: 10_000, amountMinor: 1_000 };
    expect(misses([{ id: 'every', effect }], 9_000)).toMatchObject([
      { ruleId: 'every', missing: 1_000, gainMinor: 1_000 },
    ]);
    const forGold = { id: 'every', effect, when: 'member.tier == "gold"' };
    expect(misses([forGold], 9_000)).toEqual([]);
  });

  it('is none while the right to it is withheld', () => {
    const withheld = { basket: { 'zh-CN': '请出示会员码', en: 'Show the code' } };
    expect(misses([threshold('hundred', 10_000)], 9_000, { withheld })).toEqual([]);
  });

  it('counts what it gives beyond the benefit of its group that applies, and is none where that is nothing', () => {
    const steps = [
      threshold('fifty', 5_000, { group: 'g', effect: OFF(500) }),
      threshold('hundred', 10_000, { group: 'g' }),
      threshold('worse', 9_999, { group: 'g', effect: OFF(400) }),
    ];
    expect(misses(steps, 9_000)).toMatchObject([{ ruleId: 'hundred', gainMinor: 1_500 }]);
  });

  it('names a percentage as a discount in tenths, and offers only one that beats what applies', () => {
    const percent = (id: string, least: number, percentBp: number) =>
      threshold(id, least, { group: 'p', effect: { kind: 'percent-off-order', percentBp } });
    const rules = [percent('five', 1_000, 500), percent('fifteen', 10_000, 1_500)];
    expect(misses([...rules, percent('four', 9_999, 400)], 9_000)).toMatchObject([
      {
        ruleId: 'fifteen',
        text: { 'zh-CN': '再买 10.00 元，可享 8.5 折', en: 'Add CNY 10.00 more and get 15 % off' },
      },
    ]);
  });

  it('counts units where units are missing', () => {
    const bag = {
      id: 'bag',
      lane: 'entitlement',
      effect: { kind: 'gift-item', buy: { qty: 2 }, gift: { sku: 'bag', qty: 1 } },
    };
    expect(misses([bag], 100)).toMatchObject([
      {
        unit: 'units',
        missing: 1,
        text: { 'zh-CN': '再买 1 件，可享“规则 bag”', en: 'Add 1 item more and get "Rule bag"' },
      },
    ]);
    const three = threshold('three', 0, { when: 'basket.qty >= 3' });
    const two = nearMisses(rulesOf([three]), inputOf([['any', 2, 100]]));
    expect(two).toMatchObject([{ unit: 'units', missing: 1, gainMinor: 2_000 }]);
  });
});

describe('the order of near misses', () => {
  it('puts what costs least for its gain first, and those whose gain is not known last', () => {
    const rules = [
      threshold('unknown', 9_100, { effect: { kind: 'percent-off-order', percentBp: 9_000 } }),
      threshold('dear', 10_000, { effect: OFF(500) }),
      threshold('cheap', 10_500),
    ];
    expect(misses(rules, 9_000).map(({ ruleId }) => ruleId)).toEqual(['cheap', 'dear', 'unknown']);
  });

  it(`ends after ${NEAR_MISSES_MAX}`, () => {
    const rules = (count: number) =>
      Array.from({ length: count }, (_, at) => threshold(`r${at}`, 10_000 + at));
    expect(misses(rules(NEAR_MISSES_MAX), 9_000)).toHaveLength(NEAR_MISSES_MAX);
    const more = misses(rules(NEAR_MISSES_MAX + 1), 9_000);
    expect(more.map(({ ruleId }) => ruleId)).not.toContain(`r${NEAR_MISSES_MAX}`);
    expect(more).toHaveLength(NEAR_MISSES_MAX);
  });
});
