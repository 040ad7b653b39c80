import { describe, expect, test } from 'vitest';
import { memberFactsSchema } from '../../../../agent/contract/evaluation-input.ts';
import { type Member, memberSchema } from '../../../../agent/contract/member.ts';
import { memberFacts } from '../../../../agent/domain/benefits/member-facts.ts';
import { nearMisses } from '../../../../agent/domain/benefits/near-misses.ts';
import { at, inputOf, memberOf, outcome, rulesOf, run } from '../../../support/benefits.ts';

const member = (facts: Partial<Member>) =>
  memberSchema.parse({
    memberId: 'm-1',
    name: '王小明',
    tier: 'silver',
    updatedAt: '2026-11-21T00:00:00.000Z',
    ...facts,
  });
const facts = (more: Partial<Member>, now = '2026-11-21T10:00:00+08:00') =>
  memberFactsSchema.parse(memberFacts(member(more), at(now)));

describe('the history of a member', () => {
  test('gives the running month and the ones before it, without gaps', () => {
    expect(
      facts({ monthSpendMinor: { '2026-11': 5, '2026-10': 7, '2026-08': 9, '2027-01': 1 } }),
    ).toMatchObject({ monthSpendMinor: 5, earlierMonthsMinor: [7, 0, 9] });
  });

  test('says nothing of what is nothing, so that older decisions replay as they were', () => {
    const bare = facts({});
    expect(facts({ monthSpendMinor: { '2026-11': 0 } })).toEqual(bare);
    for (const name of ['monthSpendMinor', 'earlierMonthsMinor', 'daysSince'])
      expect(bare).not.toHaveProperty(name);
  });

  test('goes by the business day: the month lasts until the day of its last day ends', () => {
    const month = { monthSpendMinor: { '2026-11': 5, '2026-12': 8 } };
    const night = at('2026-12-01T01:30:00+08:00');
    const late = { ...night, businessDay: { date: 20261130, weekday: 1, month: 11, day: 30 } };
    expect(memberFacts(member(month), late).monthSpendMinor).toBe(5);
    expect(memberFacts(member(month), night).monthSpendMinor).toBe(8);
  });

  test('counts the days since a purchase by channel, today as none', () => {
    expect(
      facts({ lastPurchaseOn: { store: '2026-11-21', app: '2026-08-23', online: '2026-11-30' } })
        .daysSince,
    ).toEqual({ store: 0, app: 90, online: 0 });
  });
});

describe('conditions on the history', () => {
  const rule = (when: string) =>
    rulesOf([{ id: 'r', when, effect: { kind: 'fixed-off-order', amountMinor: 1 } }]);
  const said = (when: string, more: object | null) =>
    outcome(
      run(
        rule(when),
        inputOf([['a', 1, 100]], { member: more === null ? null : memberOf({ ...more }) }),
      ),
      'r',
    );

  test.each([
    ['member.monthSpendMinor >= 500000', { monthSpendMinor: 500_000 }, 'applied'],
    ['member.monthSpendMinor >= 500000', { monthSpendMinor: 499_999 }, 'min-month-spend'],
    ['member.monthSpendMinor < 10', { monthSpendMinor: 10 }, 'max-month-spend'],
    ['member.lastMonthSpendMinor >= 9', { earlierMonthsMinor: [9] }, 'applied'],
    ['member.lastMonthSpendMinor >= 9', { earlierMonthsMinor: [8, 9] }, 'min-last-month-spend'],
    ['member.lastMonthSpendMinor <= 9', { earlierMonthsMinor: [10] }, 'max-last-month-spend'],
    ['member.daysSinceStore >= 90', { daysSince: { store: 90 } }, 'applied'],
    ['member.daysSinceStore >= 90', { daysSince: { store: 89, app: 100 } }, 'min-days-since'],
    ['member.daysSinceOnline <= 30', { daysSince: { online: 31 } }, 'max-days-since'],
    // Nobody who never bought there was there within thirty days.
    ['member.daysSinceApp <= 30', {}, 'max-days-since'],
    ['has(member.daysSinceApp)', {}, 'min-days-since'],
    ['has(member.daysSinceApp) && member.daysSinceApp < 1', { daysSince: { app: 0 } }, 'applied'],
    ['has(member.monthSpendMinor)', {}, 'applied'],
    ['has(member.monthSpendMinor)', null, 'min-month-spend'],
    ['member.daysSinceStore == 36500', null, 'applied'],
  ])('%s with %j: %s', (when, more, code) => {
    expect(said(when, more).code).toBe(code);
  });

  test('say what is missing in both languages', () => {
    expect(said('member.monthSpendMinor >= 500000', { monthSpendMinor: 468_000 }).text).toEqual({
      'zh-CN': '本月消费还差 320.00 元',
      en: expect.stringContaining("320.00 more in this month's spend"),
    });
    expect(said('member.daysSinceStore >= 90', { daysSince: { store: 3 } }).text).toEqual({
      'zh-CN': '需距上次门店购买至少 90 天',
      en: 'Only 90 days or more after the last purchase in a store',
    });
    expect(said('member.daysSinceApp < 31', { daysSince: { app: 31 } }).text).toEqual({
      'zh-CN': '需在上次手机 App 购买后 30 天以内',
      en: 'Only within 30 days of the last purchase in the app',
    });
  });
});

describe('a ladder of three months from 5,000.00', () => {
  const ladder = (more: object = {}) => ({
    id: 'ladder',
    lane: 'entitlement',
    effect: {
      kind: 'month-ladder',
      months: 3,
      fromMinor: 500_000,
      tier: 'platinum',
      entitlements: [{ entitlement: 'parking', validDays: 30 }, { entitlement: 'badge' }],
      ...more,
    },
  });
  const climb = (spent: Record<string, unknown>, saleMinor: number, rules: object[] = [ladder()]) =>
    run(
      rulesOf(rules as Record<string, unknown>[]),
      inputOf([['a', 1, saleMinor]], { member: memberOf(spent) }),
    );
  const two = { earlierMonthsMinor: [500_000, 500_000] };

  test('is reached at 5,000.00 and not at 4,999.99, this sale included', () => {
    const short = climb({ ...two, monthSpendMinor: 400_000 }, 99_999);
    expect(short.tierAfter).toBeUndefined();
    expect(short.entitlements).toEqual([]);
    expect(outcome(short, 'ladder')).toMatchObject({ code: 'ladder-month', difference: 1 });
    const reached = climb({ ...two, monthSpendMinor: 400_000 }, 100_000);
    expect(reached.tierAfter).toBe('platinum');
    expect(reached.entitlements).toEqual([
      { kind: 'parking', validUntil: '2026-12-21' },
      { kind: 'badge' },
    ]);
  });

  test('counts what is left to pay, not the list price', () => {
    const off = { id: 'off', effect: { kind: 'fixed-off-order', amountMinor: 1 } };
    expect(climb({ ...two, monthSpendMinor: 400_000 }, 100_000, [ladder(), off]).tierAfter).toBe(
      undefined,
    );
  });

  test.each([[[500_000, 499_999]], [[499_999, 500_000]], [[500_000, 0, 500_000]], [[]]])(
    'with the months %j before it has a gap that no purchase mends',
    (earlierMonthsMinor) => {
      const told = climb({ earlierMonthsMinor }, 900_000);
      expect(told.tierAfter).toBeUndefined();
      expect(outcome(told, 'ladder')).toMatchObject({ status: 'refused', code: 'ladder-gap' });
      expect(outcome(told, 'ladder')).not.toHaveProperty('difference');
    },
  );

  test('a guest climbs none', () => {
    const guest = run(rulesOf([ladder()]), inputOf([['a', 1, 900_000]]));
    expect(outcome(guest, 'ladder')).toMatchObject({
      status: 'not-applicable',
      code: 'member-unknown',
    });
  });

  test('is a near miss where the running month alone lacks something', () => {
    const told = (spent: Record<string, unknown>) =>
      nearMisses(rulesOf([ladder()]), inputOf([['a', 1, 68_000]], { member: memberOf(spent) }));
    expect(told({ ...two, monthSpendMinor: 400_000 })).toMatchObject([
      {
        ruleId: 'ladder',
        unit: 'money',
        missing: 32_000,
        text: {
          'zh-CN': '本月再买 320.00 元，可享“规则 ladder”',
          en: 'Spend CNY 320.00 more this month and get "Rule ladder"',
        },
      },
    ]);
    expect(told({ earlierMonthsMinor: [500_000], monthSpendMinor: 400_000 })).toEqual([]);
  });

  test('of two tiers reached the one that spend puts higher stands, whichever rule runs later', () => {
    const spend = (priority: number) => ({
      id: 'spend',
      lane: 'entitlement',
      priority,
      effect: {
        kind: 'spend-tier',
        steps: [
          { tier: 'platinum', fromMinor: 1 },
          { tier: 'diamond', fromMinor: 600_000 },
        ],
      },
    });
    const reached = { ...two, monthSpendMinor: 500_000 };
    for (const priority of [-1, 1]) {
      expect(climb(reached, 1, [ladder(), spend(priority)]).tierAfter).toBe('platinum');
      expect(climb(reached, 600_000, [ladder(), spend(priority)]).tierAfter).toBe('diamond');
    }
    // Where no spend tier names both, the later one decides.
    const other = (priority: number) => ({ ...ladder({ tier: 'friend' }), id: 'o', priority });
    expect(climb(reached, 1, [ladder(), other(1)]).tierAfter).toBe('friend');
    expect(climb(reached, 1, [ladder(), other(-1)]).tierAfter).toBe('platinum');
  });
});

describe('a donation', () => {
  const rule = (more: object = {}, effect: object = {}) => ({
    id: 'trees',
    lane: 'entitlement',
    effect: { kind: 'donation', cause: '植树', perMinor: 10_000, amountMinor: 100, ...effect },
    ...more,
  });
  const give = (
    lines: Parameters<typeof inputOf>[0],
    rules: object[] = [rule()],
    rest: object = {},
  ) => run(rulesOf(rules as Record<string, unknown>[]), inputOf(lines, { ...rest }));

  test('is given for each full amount that is left to pay, and nobody pays it', () => {
    const given = give([['a', 1, 29_999]]);
    expect(given.donations).toEqual([{ ruleId: 'trees', cause: '植树', amountMinor: 200 }]);
    expect([given.payableMinor, given.discountMinor]).toEqual([29_999, 0]);
    expect(outcome(given, 'trees')).toMatchObject({
      status: 'applied',
      discountMinor: 0,
      text: { 'zh-CN': '我们为“植树”捐赠 2.00 元', en: expect.stringContaining('2.00 to "植树"') },
    });
  });

  test('counts what is left after discounts; a fen short of the first amount there is none', () => {
    const off = { id: 'off', effect: { kind: 'fixed-off-order', amountMinor: 1 } };
    const short = give([['a', 1, 10_000]], [rule(), off]);
    expect(short).not.toHaveProperty('donations');
    expect(short.lines[0]).not.toHaveProperty('donatedMinor');
    expect(outcome(short, 'trees')).toMatchObject({
      code: 'min-running-amount-of',
      difference: 1,
    });
    expect(give([['a', 1, 10_001]], [rule(), off]).donations).toHaveLength(1);
  });

  test('each line keeps its part by what is paid for it, to the last fen', () => {
    const given = give([
      ['a', 1, 10_000],
      ['b', 1, 20_000],
      ['c', 1, 0],
      ['d', 1, 70_001],
    ]);
    expect(given.donations?.[0]?.amountMinor).toBe(1_000);
    expect(given.lines.map((line) => line.donatedMinor)).toEqual([100, 200, undefined, 700]);
    const odd = give([1, 2, 3].map((n) => [`s${n}`, 1, 5_000] as const));
    expect(odd.lines.map((line) => line.donatedMinor)).toEqual([34, 33, 33]);
  });

  test('is capped, and two causes add up on a line', () => {
    const other = rule(
      { id: 'whales', caps: { discountMinor: 150 } },
      { cause: '海洋', perMinor: 5_000 },
    );
    const given = give([['a', 1, 20_000]], [rule(), other]);
    expect(given.donations).toEqual([
      { ruleId: 'trees', cause: '植树', amountMinor: 200 },
      { ruleId: 'whales', cause: '海洋', amountMinor: 150 },
    ]);
    expect(given.lines[0]?.donatedMinor).toBe(350);
  });

  test('counts only the chosen lines', () => {
    const given = give(
      [
        { sku: 'tea', unitPriceMinor: 10_000, category: 'tea' },
        { sku: 'pan', unitPriceMinor: 90_000 },
      ],
      [rule({ target: { category: ['tea'] } })],
    );
    expect(given.donations?.[0]?.amountMinor).toBe(100);
    expect(given.lines.map((line) => line.donatedMinor)).toEqual([100, undefined]);
  });

  test('is given whole from its campaign money or not at all', () => {
    const limited = rule({ budget: { id: 'b', limitMinor: 500 } });
    const spent = (used: number) =>
      give([['a', 1, 20_000]], [limited], { budgetsUsedMinor: { b: used } });
    expect(spent(300).claims.budgets).toEqual([{ budgetId: 'b', amountMinor: 200 }]);
    expect(outcome(spent(301), 'trees')).toMatchObject({ status: 'refused', code: 'budget' });
    expect(spent(301)).not.toHaveProperty('donations');
    expect(spent(301).claims.budgets).toEqual([]);
  });
});
