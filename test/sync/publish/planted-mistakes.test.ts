import { describe, expect, test } from 'vitest';
import { assert } from '../../../agent/contract/result.ts';
import type { AdviceOptions } from '../../../sync/hq/publish/advise-rules.ts';
import { publishRules } from '../../../sync/hq/publish/publish-rules.ts';
import type { RuleProblem } from '../../../sync/hq/publish/rule-problem.ts';
import { ruleFile } from '../../support/benefits.ts';

type Fields = Record<string, unknown>;

const percent = (percentBp: number): Fields => ({ kind: 'percent-off-order', percentBp });
const amount = (amountMinor: number): Fields => ({ kind: 'fixed-off-order', amountMinor });

function problemsOf(rules: readonly Fields[], options: AdviceOptions = {}): readonly RuleProblem[] {
  const published = publishRules(ruleFile(rules), options);
  return published.ok ? published.value.warnings : published.error;
}

/** Code and rule of each problem, in the order of the file. */
function found(rules: readonly Fields[], options: AdviceOptions = {}): string[] {
  const problems = problemsOf(rules, options);
  for (const { message, remedy, ruleId } of problems) {
    assert(ruleId !== undefined, 'a problem names its rule');
    for (const sentence of [message, remedy])
      assert(sentence.en !== '' && sentence['zh-CN'] !== '', 'reason and remedy in both languages');
  }
  return problems.map(({ code, ruleId }) => `${code} ${ruleId ?? ''}`);
}

describe('planted mistake: overlapping rules of one group, one of which can never win', () => {
  const big = { id: 'big', group: 'g', when: 'member.known', effect: percent(2_000) };

  test('the smaller is reported where it holds only when the larger does', () => {
    const small = {
      id: 'small',
      group: 'g',
      when: 'member.tier == "gold" && basket.listMinor >= 100',
      effect: percent(1_000),
    };
    expect(found([big, small])).toEqual(['never-wins small']);
    expect(found([small, big])).toEqual(['never-wins small']);
  });

  test('not where it holds without the larger, takes from other lines, or the larger can run out', () => {
    const small = { id: 'small', group: 'g', effect: percent(1_000) };
    expect(found([big, small])).toEqual([]);
    const member = { ...small, when: 'member.known' };
    expect(found([big, { ...member, target: { category: ['a'] } }])).toEqual([]);
    expect(found([{ ...big, limits: [{ scope: 'member', max: 1 }] }, member])).toEqual([]);
    expect(found([{ ...big, caps: { discountMinor: 500 } }, member])).toEqual([]);
    expect(found([{ ...big, group: 'h' }, member])).toEqual([]);
  });

  test('two names of one selector are one gate', () => {
    const gate = (id: string, name: string, percentBp: number): Fields => ({
      id,
      group: 'g',
      when: `qty("${name}") >= 2`,
      select: { [name]: { category: ['a'] } },
      effect: percent(percentBp),
    });
    expect(found([gate('big', 'x', 900), gate('small', 'y', 800)])).toEqual(['never-wins small']);
  });
});

describe('planted mistake: a rule that can never hold', () => {
  const impossible = [
    'member.tier == "gold" && member.tier == "silver"',
    'basket.listMinor >= 20000 && basket.listMinor < 10000',
    'basket.qty < 0',
    '!member.known && "vip" in member.groups',
    '"a" in member.tags && !("a" in member.tags)',
    '(member.tier == "gold" || member.birthdayToday) && !member.known',
    'basket.runningMinor >= 500 && basket.listMinor <= 400',
    'now.month == 2 && now.day == 30',
    'now.date == 20261123 && now.weekday == 2',
    'member.tier in ["gold", "silver"] && !(member.tier in ["silver", "gold"])',
  ];
  for (const when of impossible) {
    test(`because of its condition: ${when}`, () => {
      expect(found([{ id: 'dead', when, effect: amount(100) }])).toEqual(['never-holds dead']);
    });
  }

  const fine = [
    'member.tier == "gold" || member.tier == "silver"',
    'now.month == 2 && now.day == 29',
    'now.date == 20261123 && now.weekday == 1',
    '!(member.tier == "gold" && basket.qty > 3) && member.tier == "gold"',
    'basket.runningMinor <= 500 && basket.listMinor >= 600',
  ];
  for (const when of fine) {
    test(`but not: ${when}`, () => {
      expect(found([{ id: 'alive', when, effect: amount(100) }])).toEqual([]);
    });
  }

  test('because its weekdays never fall into its window', () => {
    const window = { from: '2026-11-23', to: '2026-11-25', weekdays: [6, 7] };
    expect(found([{ id: 'dead', window, effect: amount(100) }])).toEqual([
      'window-never-open dead',
    ]);
    const longer = { ...window, to: '2026-11-28' };
    expect(found([{ id: 'alive', window: longer, effect: amount(100) }])).toEqual([]);
  });

  test('because condition and window exclude each other', () => {
    const window = { daily: { from: '22:00', to: '02:00' } };
    const at = (minute: number) => ({
      id: 'r',
      when: `now.minuteOfDay == ${minute}`,
      window,
      effect: amount(100),
    });
    expect(found([at(720)])).toEqual(['never-holds r']);
    expect(found([at(60)])).toEqual([]);
  });
});

describe('planted mistake: rules that can never both hold', () => {
  const low = { id: 'low', group: 'g', when: 'basket.listMinor < 5000', effect: amount(100) };
  const high = { id: 'high', group: 'g', when: 'basket.listMinor >= 5000', effect: amount(500) };

  test('in one group that therefore decides nothing', () => {
    expect(found([low, high])).toEqual(['never-together high']);
  });

  test('but a ladder of member tiers may share a group', () => {
    expect(
      found([
        { ...low, when: 'member.tier == "silver"' },
        { ...high, when: 'member.tier == "gold"' },
      ]),
    ).toEqual([]);
  });

  test('although one is exclusive of the lane of the other', () => {
    const coupon = {
      id: 'coupon',
      lane: 'coupon',
      when: '!member.known',
      coupon: { code: 'ONE', uses: 'unlimited' },
      effect: amount(100),
    };
    const alone = { id: 'alone', when: 'member.known', exclusive: ['coupon'], effect: amount(300) };
    expect(found([alone, coupon])).toEqual(['never-together alone']);
    expect(found([alone, { ...coupon, when: '' }])).toEqual([]);
  });
});

describe('planted mistake: a stack below cost or floor', () => {
  const stack = [
    { id: 'items', lane: 'price', effect: { kind: 'percent-off-items', percentBp: 6_000 } },
    { id: 'basket', effect: percent(5_000) },
  ];

  test('percentages of several lanes that together take all', () => {
    expect(found(stack)).toEqual(['stack-too-deep items']);
    expect(problemsOf(stack)[0]?.message.en).toContain('items + basket');
  });

  test('against a limit that the chain states', () => {
    const rules = [stack[0] ?? {}, { id: 'basket', effect: percent(1_000) }];
    expect(found(rules)).toEqual([]);
    expect(found(rules, { stackLimitBp: 6_400 })).toEqual(['stack-too-deep items']);
    expect(found(rules, { stackLimitBp: 6_401 })).toEqual([]);
  });

  test('but not what can never meet, shares a group, or takes from other goods', () => {
    const gate = (a: string, b: string) => [
      { ...stack[0], when: a },
      { ...stack[1], when: b },
    ];
    expect(found(gate('member.known', '!member.known'))).toEqual([]);
    const goods = (category: string) => ({ target: { category: [category] } });
    expect(
      found([
        { ...stack[0], ...goods('a') },
        { ...stack[1], ...goods('b') },
      ]),
    ).toEqual([]);
    expect(
      found([
        { ...stack[0], ...goods('a') },
        { ...stack[1], ...goods('a') },
      ]),
    ).toHaveLength(1);
    expect(found([stack[0] ?? {}, { ...stack[1], exclusive: ['price'] }])).toEqual([]);
    const group = stack.map((rule) => ({ ...rule, lane: 'coupon', group: 'g' }));
    expect(found(group.map((rule) => ({ ...rule, effect: percent(6_000) })))).not.toContain(
      'stack-too-deep items',
    );
  });

  test('an amount as large as the basket that it asks for', () => {
    const rule = { id: 'r', when: 'basket.listMinor >= 5000', effect: amount(5_000) };
    expect(found([rule])).toEqual(['stack-too-deep r']);
    expect(found([{ ...rule, effect: amount(4_999) }])).toEqual([]);
  });
});

describe('planted mistake: members who would get less than the base package', () => {
  const tier = (id: string, name: string, percentBp: number): Fields => ({
    id,
    when: `member.tier == "${name}"`,
    effect: percent(percentBp),
  });

  test('a tier whose rule gives less than that of the tier below', () => {
    expect(found([tier('silver', 'silver', 800), tier('gold', 'gold', 500)])).toEqual([
      'below-base gold',
    ]);
    expect(found([tier('silver', 'silver', 500), tier('gold', 'gold', 800)])).toEqual([]);
  });

  test("by the order of the chain's own tiers", () => {
    const climb = {
      id: 'climb',
      lane: 'entitlement',
      effect: {
        kind: 'spend-tier',
        steps: [
          { tier: 'leaf', fromMinor: 0 },
          { tier: 'tree', fromMinor: 100_000 },
        ],
      },
    };
    expect(found([climb, tier('a', 'tree', 300), tier('b', 'leaf', 400)])).toEqual([
      'below-base a',
    ]);
  });

  test('a points factor below 1', () => {
    const rule = (factorBp: number) => ({
      id: 'r',
      lane: 'points-earn',
      effect: { kind: 'points-multiplier', factorBp },
    });
    expect(found([rule(9_999)])).toEqual(['below-base r']);
    expect(found([rule(10_000)])).toEqual([]);
  });

  test('a member price above that of the tier below', () => {
    const prices = (gold: number) => [
      { sku: 'a', tier: 'silver', unitPriceMinor: 500 },
      { sku: 'a', tier: 'gold', unitPriceMinor: gold },
    ];
    const rule = (gold: number) => ({
      id: 'r',
      lane: 'price',
      effect: { kind: 'member-price', prices: prices(gold) },
    });
    expect(found([rule(501)])).toEqual(['below-base r']);
    expect(found([rule(500)])).toEqual([]);
  });
});

describe('planted mistake: 折 written as percent off', () => {
  const named = (zh: string, percentBp: number, en = 'Offer'): Fields[] => [
    { id: 'r', name: { 'zh-CN': zh, en }, effect: percent(percentBp) },
  ];
  test.each([
    ['会员8折', 8_000, 2_000],
    ['会员八折', 800, 2_000],
    ['全场2折', 2_000, 8_000],
    ['全场八五折', 8_500, 1_500],
    ['全场85折', 8_500, 1_500],
    ['全场9.5折', 9_500, 500],
  ])('%s with percentBp %i is reported, meant is %i', (zh, wrong, meant) => {
    const [problem] = problemsOf(named(zh, wrong));
    expect(problem).toMatchObject({ code: 'zhe-as-percent', ruleId: 'r' });
    expect(problem?.remedy.en).toContain(String(meant));
    expect(found(named(zh, meant))).toEqual([]);
  });

  test('双十一九折 is 10 % off on 11 November', () => {
    expect(found(named('双十一九折', 1_000))).toEqual([]);
  });

  test('an English name of another percentage', () => {
    expect(found(named('优惠', 20, '20 % off'))).toEqual(['name-disagrees r']);
    expect(found(named('优惠', 2_000, '20 % off'))).toEqual([]);
  });
});

describe('planted mistake: an ambiguous window', () => {
  test.each([
    [{ to: '2026-12-01T00:00' }],
    [{ to: '2026-12-01T23:59' }],
    [{ from: '2026-11-11T20:00', to: '2026-11-12' }],
    [{ from: '2026-11-11T20:00', to: '2026-11-11T20:00' }],
    [{ weekdays: [5], daily: { from: '22:00', to: '02:00' } }],
  ])('%j', (window) => {
    expect(found([{ id: 'r', window, effect: amount(100) }])).toEqual(['window-ambiguous r']);
  });

  test.each([
    [{ from: '2026-11-11', to: '2026-11-11' }],
    [{ from: '2026-11-11', to: '2026-11-12T23:59:59' }],
    [{ daily: { from: '22:00', to: '02:00' } }],
    [{ weekdays: [1, 2, 3, 4, 5, 6, 7], daily: { from: '22:00', to: '02:00' } }],
  ])('but not %j', (window) => {
    expect(found([{ id: 'r', window, effect: amount(100) }])).toEqual([]);
  });

  test('that ends before it begins is an error', () => {
    const window = { from: '2026-11-12', to: '2026-11-11' };
    expect(problemsOf([{ id: 'r', window, effect: amount(100) }])).toMatchObject([
      { severity: 'error', code: 'window-empty', ruleId: 'r' },
    ]);
  });
});

describe('planted mistake: a coupon code of two rules', () => {
  const coupon = (id: string, code: string): Fields => ({
    id,
    lane: 'coupon',
    coupon: { code, uses: 'unlimited' },
    effect: amount(id.length),
  });
  test.each(['SAVE10', 'save10', 'SAVE1O', 'SAVEI0', 'ＳＡＶＥ10'])('SAVE10 and %s', (code) => {
    expect(found([coupon('a', 'SAVE10'), coupon('bb', code)])).toEqual(['coupon-code-shared bb']);
  });
  test('but not SAVE10 and SAVE11', () => {
    expect(found([coupon('a', 'SAVE10'), coupon('bb', 'SAVE11')])).toEqual([]);
  });
});

describe('planted mistake: a tie that only the id decides', () => {
  const rules = [
    { id: 'a', group: 'g', when: '"x" in member.tags', effect: percent(500) },
    { id: 'b', group: 'g', when: '"y" in member.tags', effect: percent(500) },
  ];
  test('is reported, and a priority settles it', () => {
    expect(found(rules)).toEqual(['tie-by-id b']);
    expect(found([rules[0] ?? {}, { ...rules[1], priority: 1 }])).toEqual([]);
  });
});

describe('planted mistake: a budget or limit that can never be reached or holds no use', () => {
  const rule = (fields: Fields): string[] => found([{ id: 'r', effect: amount(1_000), ...fields }]);

  test('a budget below one use', () => {
    expect(rule({ budget: { id: 'b', limitMinor: 999 } })).toEqual(['limit-unreachable r']);
    expect(rule({ budget: { id: 'b', limitMinor: 1_000 } })).toEqual([]);
  });

  test('a limit above a wider one, or given twice', () => {
    const limits = (day: number, month: number) => ({
      limits: [
        { scope: 'member-day', max: day },
        { scope: 'member-month', max: month },
      ],
    });
    expect(rule(limits(3, 2))).toEqual(['limit-unreachable r']);
    expect(rule(limits(2, 2))).toEqual([]);
    const twice = { scope: 'member', max: 2 };
    expect(rule({ limits: [twice, twice] })).toEqual(['limit-unreachable r']);
  });

  test('a cap above the amount, or of what the rule does not give', () => {
    expect(rule({ caps: { discountMinor: 1_001 } })).toEqual(['limit-unreachable r']);
    expect(rule({ caps: { discountMinor: 999 } })).toEqual([]);
    expect(rule({ caps: { points: 5 } })).toEqual(['limit-unreachable r']);
  });

  test('more uses than a code that works once', () => {
    const coupon = { lane: 'coupon', coupon: { code: 'ONE', uses: 'single' } };
    expect(rule({ ...coupon, limits: [{ scope: 'member', max: 2 }] })).toEqual([
      'limit-unreachable r',
    ]);
  });
});

describe('planted mistake: a name that the chain does not know', () => {
  const chain = {
    skus: new Set(['a']),
    categories: new Set(['food']),
    tiers: new Set(['gold']),
    tags: new Set(['vip']),
    groups: new Set(['staff']),
  };
  test.each([
    ['tier', { when: 'member.tier == "glod"' }],
    ['tier in a list', { when: 'member.tier in ["gold", "glod"]' }],
    ['tag', { when: '!("vpi" in member.tags)' }],
    ['group', { when: '"stuff" in member.groups' }],
    ['category', { target: { category: ['food', 'fodo'] } }],
    ['article', { when: 'qty("x") > 1', select: { x: { sku: ['b'] } } }],
  ])('%s', (_what, fields) => {
    const rule = { id: 'r', effect: amount(100), ...fields };
    expect(found([rule], { chain })).toEqual(['unknown-in-chain r']);
    expect(found([rule])).toEqual([]);
  });
});
