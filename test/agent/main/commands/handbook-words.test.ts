import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { assert } from '../../../../agent/contract/result.ts';
import type { Rule } from '../../../../agent/contract/rules.ts';
import {
  conditionWords,
  effectWords,
} from '../../../../agent/main/commands/rules-handbook-words.ts';
import { publishRules } from '../../../../sync/hq/publish/publish-rules.ts';
import { ruleFile } from '../../../support/benefits.ts';

const festivals = [{ id: 'mid-autumn', name: { 'zh-CN': '中秋', en: 'Mid-Autumn' } }];
const names = { currency: 'CNY', festivals };
const select = { tea: { category: ['tea'] }, mugs: { category: ['mugs'] } };

function published(fields: object): Rule {
  const set = publishRules(
    ruleFile([{ id: 'r', effect: { kind: 'fixed-off-order', amountMinor: 100 }, ...fields }]),
  );
  assert(set.ok, 'the rule can be published');
  const [rule] = set.value.ruleSet.rules;
  assert(rule !== undefined, 'there is one rule');
  return rule;
}

function wordsOf(when: string): readonly [string, string] {
  const rule = published({ when, select });
  const words = conditionWords(rule, names);
  return [words.map((one) => one['zh-CN']).join('；'), words.map((one) => one.en).join('; ')];
}

describe('a condition in the handbook is told in plain words', () => {
  test.each([
    ['basket.runningMinor > 9999', '满 100.00', 'from 100.00'],
    ['basket.listMinor < 10000', '不超过 99.99', 'up to 99.99'],
    ['5000 <= basket.runningMinor', '满 50.00', 'from 50.00'],
    ['qty("tea") >= 3', '「tea」满 3 件', 'from 3 units of "tea"'],
    ['runningMinor("tea") >= 3000', '「tea」满 30.00', 'from 30.00 of "tea"'],
    ['member.yearSpendMinor >= 1000000', '年消费满 10000.00', 'from 10000.00 spent in the year'],
    [
      'member.yearSpendMinor + basket.runningMinor >= 1000000',
      '年消费加本单满 10000.00',
      'from 10000.00 spent in the year plus this basket',
    ],
    ['member.completedOrders == 0', '首次购买', 'on the first purchase'],
    ['member.completedOrders + 1 == 100', '第 100 次购买', 'on purchase number 100'],
    [
      'member.daysSinceOnline <= 30',
      '距上次网店购买不超过 30 天',
      'up to 30 days since buying in the web shop',
    ],
    ['has(member.daysSinceStore)', '曾在门店购买', 'bought in a store before'],
    ['!has(member.daysSinceApp)', '从未在手机 App 购买', 'never bought in the app'],
    ['now.weekday >= 6', '周六、周日', 'on Saturday, Sunday'],
    ['now.weekday in [1, 3]', '周一、周三', 'on Monday, Wednesday'],
    ['now.month == 2', '2 月', 'in month 2'],
    ['now.day in [1, 2, 3, 8]', '每月 1-3、8 日', 'on day 1-3, 8 of the month'],
    ['now.minuteOfDay >= 1080', '18:00 起', 'from 18:00'],
    ['now.minuteOfDay < 600', '10:00 前', 'before 10:00'],
    ['now.date >= 20261111', '2026-11-11 起', 'from 2026-11-11'],
    ['"weekend" in scene.tags', '周末', 'on weekends'],
    ['!("weekend" in scene.tags)', '周末除外', 'not on weekends'],
    ['"festival:mid-autumn" in scene.tags', '中秋', 'on Mid-Autumn'],
    ['"rain" in weather.tags', '天气：rain', 'in the weather rain'],
    ['"vip" in member.tags', '会员标签：vip', 'members with the tag vip'],
    ['!("staff" in member.groups)', '会员群组 staff 除外', 'not for the group staff'],
    ['member.tier != "gold"', '金卡除外', 'not for Gold'],
    ['!(member.tier in ["gold", "silver"])', '金卡、银卡除外', 'not for Gold, Silver'],
    ['basket.channel == "online"', '渠道：网店', 'bought by way of: online'],
    [
      'store.tier in ["express", "flagship"]',
      '门店等级 express、flagship',
      'in stores of the tier express, flagship',
    ],
    [
      'hasLines("tea") && !hasLines("mugs")',
      '含「tea」；不含「mugs」',
      'with "tea"; without "mugs"',
    ],
    ['!member.known', '限非会员', 'not for members'],
    ['!basket.isReturn', '退货除外', 'not on returns'],
    [
      'member.tier == "gold" && basket.qty >= 2 || member.birthdayToday',
      '金卡 且 满 2 件 或 生日当天',
      'Gold and from 2 units or on the birthday',
    ],
    [
      '!(member.tier == "gold" && basket.qty >= 2)',
      '金卡除外 或 不超过 1 件',
      'not for Gold or up to 1 units',
    ],
  ])('%s', (when, zhCN, en) => {
    expect(wordsOf(when)).toEqual([zhCN, en]);
  });

  test('what no phrase is known for stands as the author wrote it', () => {
    const when = 'basket.qty * 2 >= 7';
    expect(wordsOf(when)).toEqual([when, when]);
  });

  test('but never a code that works', () => {
    const words = wordsOf('codes.exists(c, c == "SECRET")').join(' ');
    expect(words).toBe('凭券 with the coupon');
  });

  test('no rule of the demo chain shows an operator', () => {
    const set = publishRules(
      readFileSync(new URL('../../../../demo/rules.yaml', import.meta.url), 'utf8'),
    );
    assert(set.ok, 'the demo rules are in order');
    const words = set.value.ruleSet.rules.flatMap((rule) => [
      ...conditionWords(rule, names),
      effectWords(rule.effect, 'CNY'),
    ]);
    expect(words.filter(({ en }) => /[<>=!]=|&&|\|\||member\.|\("/.test(en))).toEqual([]);
    expect(set.value.warnings).toEqual([]);
  });
});

describe('what a rule gives is told in plain words', () => {
  const part = (sku: string) => ({ target: { sku: [sku] }, qty: 1 });
  test.each([
    [
      { kind: 'every-amount-off', everyMinor: 20_000, amountMinor: 2_000, maxTimes: 3 },
      'basket',
      '每满 200.00 减 20.00，最多 3 次',
      '20.00 off for each full 200.00, 3 times at most',
    ],
    [
      { kind: 'bundle', parts: [part('a'), part('b')], priceMinor: 3_900 },
      'multi-buy',
      '2 件一套 39.00',
      'a set of 2 units for 39.00',
    ],
    [
      { kind: 'percent-off-cheapest-unit', percentBp: 5_000, units: 1, perUnits: 2 },
      'multi-buy',
      '每 2 件中最便宜的 1 件减 50%',
      'of every 2 units the cheapest 1 50 % off',
    ],
    [
      { kind: 'points-redeem', minorPerPoint: 10, minPoints: 100, bucket: 'home' },
      'points-spend',
      '每 1 home 积分抵 0.10，100 积分起',
      'each home point pays 0.10, from 100 points',
    ],
    [
      { kind: 'points-earn', perMinor: 100, points: 1, pendingDays: 14 },
      'points-earn',
      '每 1.00 得 1 积分，14 天后可用',
      '1 points for each 1.00, to spend after 14 days',
    ],
    [
      {
        kind: 'gift-item',
        buy: { qty: 3 },
        gift: { sku: 'mug', qty: 1, valueMinor: 990 },
        repeat: true,
      },
      'entitlement',
      '每买 3 件赠 mug × 1（价值 9.90）',
      'gift mug × 1 (worth 9.90) with every 3 bought',
    ],
    [
      {
        kind: 'month-ladder',
        months: 3,
        fromMinor: 500_000,
        tier: 'gold',
        entitlements: [{ entitlement: 'parking', validDays: 31 }],
      },
      'entitlement',
      '连续 3 个月每月满 5000.00 升为金卡，权益 parking，有效 31 天',
      'Gold after 3 months in a row from 5000.00 each, the right parking for 31 days',
    ],
    [
      { kind: 'donation', cause: 'sea', perMinor: 5_000, amountMinor: 50 },
      'entitlement',
      '每满 50.00，本店捐 0.50（sea）',
      'for each full 50.00 the shop gives 0.50 (sea)',
    ],
  ])('%j', (effect, lane, zhCN, en) => {
    expect(effectWords(published({ effect, lane }).effect, 'CNY')).toEqual({ 'zh-CN': zhCN, en });
  });
});
