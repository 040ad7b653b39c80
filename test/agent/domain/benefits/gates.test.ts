import { describe, expect, test } from 'vitest';
import { at, inputOf, memberOf, outcome, rulesOf, run } from '../../../support/benefits.ts';

const effect = { kind: 'fixed-off-order', amountMinor: 100 };

/** Outcome of a single rule with this condition. */
function tried(when: string, rest: object = {}, rule: object = {}) {
  const compiled = rulesOf([{ id: 'r', when, effect, ...rule }]);
  return outcome(
    run(
      compiled,
      inputOf([{ sku: 'mug', category: 'mugs', qty: 2, unitPriceMinor: 3_000 }], { ...rest }),
    ),
    'r',
  );
}

describe('a gate that does not hold says why', () => {
  const member = memberOf({
    tier: 'silver',
    groups: ['staff'],
    tags: ['vegan'],
    completedOrders: 4,
  });
  const cases: [string, string, object, object][] = [
    ['member.known', 'member-unknown', {}, {}],
    ['member.tier == "gold"', 'member-tier', { member }, { seen: 'silver', needed: 'gold' }],
    [
      'member.tier in ["gold", "diamond"]',
      'member-tier',
      { member },
      { seen: 'silver', needed: 'gold | diamond' },
    ],
    ['"vip" in member.groups', 'member-group', { member }, { needed: 'vip' }],
    ['!("staff" in member.groups)', 'member-group', { member }, { needed: '!= staff' }],
    ['"young" in member.tags || "student" in member.tags', 'member-tag', { member }, {}],
    [
      'member.completedOrders + 1 == 4',
      'order-number',
      { member },
      { seen: '5', needed: '4', difference: -1 },
    ],
    [
      'basket.listMinor >= 8000',
      'min-subtotal',
      {},
      { seen: '6000', needed: '8000', difference: 2_000 },
    ],
    ['basket.listMinor > 6000', 'min-subtotal', {}, { needed: '6001', difference: 1 }],
    ['!(basket.listMinor >= 6000)', 'max-subtotal', {}, { needed: '5999', difference: -1 }],
    ['10000 <= basket.listMinor', 'min-subtotal', {}, { difference: 4_000 }],
    ['basket.qty >= 3', 'min-qty', {}, { seen: '2', needed: '3', difference: 1 }],
    ['qty("mugs") <= 1', 'max-qty', {}, { difference: -1 }],
    ['listMinor("mugs") >= 9000', 'min-amount-of', {}, { difference: 3_000 }],
    ['runningMinor("mugs") >= 9000', 'min-running-amount-of', {}, { difference: 3_000 }],
    ['hasLines("cups")', 'contains', {}, {}],
    ['!basket.isReturn', 'return-sale', { isReturn: true }, {}],
    ['basket.channel == "app"', 'channel', {}, { seen: 'store', needed: 'app' }],
    ['store.id == "S2"', 'store', {}, { seen: 'S1' }],
    ['store.tier == "B"', 'store-tier', {}, { seen: 'A' }],
    ['now.weekday == 1', 'wrong-weekday', {}, { seen: '6', needed: '1' }],
    ['now.date >= 20261122', 'wrong-date', {}, { needed: '20261122' }],
    ['now.minuteOfDay < 540', 'wrong-time', {}, { seen: '600' }],
    ['["a", "b"].exists(t, t in member.tags)', 'member-tag', { member }, {}],
  ];
  for (const [when, code, rest, more] of cases) {
    test(`${when} gives ${code}`, () => {
      const select = { mugs: { category: ['mugs'] }, cups: { category: ['cups'] } };
      const used = Object.fromEntries(
        Object.entries(select).filter(([name]) => when.includes(`"${name}"`)),
      );
      const refused = tried(when, rest, { select: used });
      expect(refused).toMatchObject({ status: 'not-applicable', code, ...more });
      expect(refused.term).toBeDefined();
      expect(refused.text['zh-CN']).not.toBe('');
      expect(refused.text.en).not.toBe('');
    });
  }

  test('a negated comparison holds exactly where the comparison does not', () => {
    for (const op of ['<', '<=', '>', '>=', '==', '!=']) {
      for (const bound of [5_999, 6_000, 6_001]) {
        const plain = tried(`basket.listMinor ${op} ${bound}`).status === 'applied';
        expect(tried(`!(basket.listMinor ${op} ${bound})`).status === 'applied').toBe(!plain);
      }
    }
  });

  test('the sentence names the amount that is missing in both languages', () => {
    const { text } = tried('basket.listMinor >= 7240');
    expect(text).toEqual({ 'zh-CN': '还差 12.40 元', en: 'CNY 12.40 more' });
  });

  test('a code that was not presented is never handed out, however the condition asks for it', () => {
    for (const when of [
      '"CP-VIP50" in codes',
      '"CP-VIP50" in codes && basket.qty >= 1',
      '"CP-VIP50" in codes || member.tier == "gold"',
      'member.tier == "gold" || "CP-VIP50" in codes',
      '["CP-VIP50", "CP-5"].exists(c, c in codes)',
      '!(!("CP-VIP50" in codes))',
    ]) {
      const refused = tried(when);
      expect(refused.status, when).toBe('not-applicable');
      expect(JSON.stringify(refused), when).not.toMatch(/CP-/);
    }
    expect(tried('"CP-VIP50" in codes').text).toEqual({
      'zh-CN': '未出示优惠码',
      en: 'The code was not presented',
    });
    const presented = tried('!("CP-VIP50" in codes)', { codes: ['CP-VIP50'] });
    expect(presented).not.toHaveProperty('term');
  });

  const said: [string, string, string][] = [
    [
      'member.tier in ["gold", "diamond"]',
      '会员等级不符，需要：金卡、钻石',
      'Another member tier is needed: Gold or Diamond',
    ],
    ['member.tier == "jade"', '会员等级不符，需要：jade', 'Another member tier is needed: jade'],
    ['member.tier != "silver"', '会员等级不符，不适用于：银卡', 'Not for the member tier Silver'],
    [
      '!(member.tier in ["silver", "standard"])',
      '会员等级不符，不适用于：银卡、普通会员',
      'Not for the member tier Silver or Standard',
    ],
    [
      '"book-club" in member.groups',
      '会员不在适用的群组：book-club',
      'The member is not in the group book-club',
    ],
    [
      '"a" in member.groups || "b" in member.groups',
      '会员不在适用的群组：a、b',
      'The member is not in the group a or b',
    ],
    [
      '"a" in member.groups || "b" in member.tags',
      '会员不在适用的群组',
      'The member is in none of the groups that it is for',
    ],
    [
      '"at-risk" in member.tags',
      '会员不在适用范围内',
      'The member is not among those that it is for',
    ],
    ['member.completedOrders == 0', '仅限会员的第 1 次购买', "Only on the member's purchase no. 1"],
    [
      'member.completedOrders <= 1',
      '仅限会员的前 2 次购买',
      "Only up to the member's purchase no. 2",
    ],
    [
      'member.completedOrders >= 9',
      '从会员的第 10 次购买起',
      "From the member's purchase no. 10 on",
    ],
    ['member.completedOrders + 1 == 4', '这一次购买不适用', 'Not on this purchase of the member'],
    ['basket.channel == "app"', '渠道不符，需要：手机 App', 'Another channel is needed: app'],
    ['now.minuteOfDay >= 1080', '现在不适用，18:00 起适用', 'Not yet; it holds from 18:00'],
    ['now.minuteOfDay < 540', '现在不适用，09:00 前适用', 'Too late; it holds until 09:00'],
    ['now.day == 8', '今天不适用，适用于每月 8 日', 'Not today; it holds on day 8 of the month'],
    [
      'now.month in [6, 7]',
      '今天不适用，适用于 6 月、 7 月',
      'Not today; it holds on June or July',
    ],
    [
      'now.date >= 20261122',
      '今天不适用，从 2026-11-22 起',
      'Not today; it holds from 2026-11-22 on',
    ],
    ['now.weekday == 1', '今天不适用，适用于周一', 'Not today; it holds on Monday'],
    ['now.weekday >= 7', '今天不适用，适用于周日', 'Not today; it holds on Sunday'],
    ['store.id == "S2"', '本店不适用', 'Not in this store'],
  ];
  test.each(said)('%s is told as %s', (when, zh, en) => {
    expect(tried(when, { member }).text).toEqual({ 'zh-CN': zh, en });
  });

  test.each([
    [
      { weekdays: [1, 2, 3, 4, 5] },
      '今天不适用，适用于周一至周五',
      'Not today; it holds on Monday to Friday',
    ],
    [
      { weekdays: [1, 3] },
      '今天不适用，适用于周一、周三',
      'Not today; it holds on Monday or Wednesday',
    ],
    [
      { daily: { from: '07:00', to: '09:30' } },
      '现在不适用，适用时间：07:00-09:30',
      'Not at this time; it holds at 07:00-09:30',
    ],
    [
      { from: '2026-12-01T08:00' },
      '还没开始，开始时间：2026-12-01 08:00',
      'Not started; it starts: 2026-12-01 08:00',
    ],
  ])('a window %j is told as %s', (window, zh, en) => {
    expect(tried('basket.qty >= 1', {}, { window }).text).toEqual({ 'zh-CN': zh, en });
  });

  test('no sentence shows an operator, an empty list or a name of the condition language', () => {
    for (const [when, , rest] of cases) {
      const select = { mugs: { category: ['mugs'] }, cups: { category: ['cups'] } };
      const used = Object.fromEntries(
        Object.entries(select).filter(([name]) => when.includes(`"${name}"`)),
      );
      const { text } = tried(when, rest, { select: used });
      for (const sentence of [text['zh-CN'], text.en])
        expect(sentence, when).not.toMatch(/[!=<>|&]=?|member\.|now\.|[：:]\s*$|: *;/);
    }
  });

  test('a long term is cut in the sentence and whole beside it', () => {
    const many = Array.from({ length: 60 }, (_, n) => `"group-${n}"`).join(', ');
    const { text, needed } = tried(`member.tier in [${many}]`);
    expect(needed).toContain('group-59');
    expect(text.en.length).toBeLessThan(200);
    expect(text.en).toMatch(/…$/);
  });

  test('of several terms the first that fails is named, in the order of the text', () => {
    expect(tried('basket.qty >= 1 && basket.listMinor >= 8000 && basket.qty >= 9').code).toBe(
      'min-subtotal',
    );
  });

  test('a presented code whose other terms fail is refused, not passed over', () => {
    expect(tried('"SAVE" in codes && basket.qty >= 9', { codes: ['SAVE'] })).toMatchObject({
      status: 'refused',
      code: 'min-qty',
    });
  });

  test('a guest has no tier, groups, tags or orders, and has() tells so', () => {
    expect(
      tried('!has(member.tier) && !(member.tier in ["gold"]) && member.completedOrders == 0')
        .status,
    ).toBe('applied');
    expect(tried('has(member.tier)', { member }).status).toBe('applied');
  });
});

describe('a window in store time', () => {
  const open = (window: object, instant: string) => tried('', { now: at(instant) }, { window });

  test('includes its first and last second', () => {
    const window = { from: '2026-11-01', to: '2026-11-20' };
    expect(open(window, '2026-10-31T23:59:59+08:00').code).toBe('not-started');
    expect(open(window, '2026-11-01T00:00:00+08:00').status).toBe('applied');
    expect(open(window, '2026-11-20T23:59:59+08:00').status).toBe('applied');
    expect(open(window, '2026-11-21T00:00:00+08:00').code).toBe('expired');
  });

  test('with a time ends in that very second', () => {
    expect(open({ to: '2026-11-20T22:00' }, '2026-11-20T22:00:00+08:00').status).toBe('applied');
    expect(open({ to: '2026-11-20T22:00' }, '2026-11-20T22:00:01+08:00').code).toBe('expired');
  });

  test('reads the wall clock of the store, not of the machine', () => {
    // 23:30 UTC on the 20th is already the 21st in Shanghai.
    expect(open({ to: '2026-11-20' }, '2026-11-20T23:30:00Z').code).toBe('expired');
  });

  test('holds on its weekdays only', () => {
    expect(open({ weekdays: [6, 7] }, '2026-11-21T10:00:00+08:00').status).toBe('applied');
    expect(open({ weekdays: [1] }, '2026-11-21T10:00:00+08:00')).toMatchObject({
      code: 'wrong-weekday',
      needed: '1',
    });
  });

  test('daily runs from inclusive to exclusive, over midnight where it ends before it begins', () => {
    const daily = { daily: { from: '22:00', to: '02:00' } };
    expect(open(daily, '2026-11-21T21:59:59+08:00').code).toBe('wrong-time');
    expect(open(daily, '2026-11-21T22:00:00+08:00').status).toBe('applied');
    expect(open(daily, '2026-11-21T01:59:59+08:00').status).toBe('applied');
    expect(open(daily, '2026-11-21T02:00:00+08:00').code).toBe('wrong-time');
  });
});

describe('limits', () => {
  test('a use beyond the limit is refused, the last one within is not', () => {
    const limits = [{ scope: 'total', max: 3 }];
    expect(tried('', { counters: { r: { total: 2 } } }, { limits }).status).toBe('applied');
    expect(tried('', { counters: { r: { total: 3 } } }, { limits })).toMatchObject({
      status: 'refused',
      code: 'usage-limit',
      seen: '3',
    });
  });

  test('a limit by member needs a member', () => {
    const limits = [{ scope: 'member-month', max: 1 }];
    expect(tried('', {}, { limits }).code).toBe('member-unknown');
    expect(tried('', { member: memberOf() }, { limits }).status).toBe('applied');
    expect(
      tried('', { member: memberOf(), counters: { r: { 'member-month': 1 } } }, { limits }).code,
    ).toBe('member-usage-limit');
  });

  test('campaign money is granted whole or refused, up to the exact limit', () => {
    const budget = { id: 'c', limitMinor: 1_000 };
    expect(tried('', { budgetsUsedMinor: { c: 900 } }, { budget }).status).toBe('applied');
    expect(tried('', { budgetsUsedMinor: { c: 901 } }, { budget })).toMatchObject({
      status: 'refused',
      code: 'budget',
      difference: 1,
    });
  });

  test('rules of one basket that share campaign money cannot exceed it together', () => {
    const budget = { id: 'c', limitMinor: 150 };
    const compiled = rulesOf([
      { id: 'a', effect, budget },
      { id: 'b', effect, budget },
    ]);
    const evaluation = run(compiled, inputOf([['x', 1, 1_000]]));
    expect(evaluation.discountMinor).toBe(100);
    expect(evaluation.claims.budgets).toEqual([{ budgetId: 'c', amountMinor: 100 }]);
    expect(outcome(evaluation, 'b').code).toBe('budget');
  });
});
