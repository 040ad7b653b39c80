import { describe, expect, test } from 'vitest';
import { publishRules } from '../../../sync/hq/publish/publish-rules.ts';
import { ruleFile } from '../../support/benefits.ts';

type Fields = Record<string, unknown>;

function found(rules: readonly Fields[], more: Fields = {}): string[] {
  const file = { ...(JSON.parse(ruleFile(rules)) as Fields), ...more };
  const published = publishRules(JSON.stringify(file));
  const problems = published.ok ? published.value.warnings : published.error;
  return problems.map(({ code, ruleId = '' }) => `${code} ${ruleId}`);
}

const sku = (name: string) => ({ sku: [name] });
const part = (target: Fields) => ({ target, qty: 1 });
const inGroup = (id: string, effect: Fields, more: Fields = {}): Fields => ({
  id,
  lane: 'multi-buy',
  group: 'g',
  effect,
  ...more,
});

describe('a rule of a group that always loses is found for every effect with one figure', () => {
  const parts = [part(sku('a')), part(sku('b'))];
  const cases: [string, Fields, Fields, Fields][] = [
    [
      'every amount off',
      { kind: 'every-amount-off', everyMinor: 10_000, amountMinor: 2_000 },
      { kind: 'every-amount-off', everyMinor: 10_000, amountMinor: 1_000 },
      { lane: 'basket' },
    ],
    [
      'a set for a higher price',
      { kind: 'bundle', parts, priceMinor: 3_900 },
      { kind: 'bundle', parts, priceMinor: 4_000 },
      {},
    ],
    [
      'a set for a smaller percentage',
      { kind: 'bundle', parts, percentBp: 2_000 },
      { kind: 'bundle', parts, percentBp: 1_000 },
      {},
    ],
    [
      'cheapest units',
      { kind: 'percent-off-cheapest-unit', percentBp: 5_000, perUnits: 3 },
      { kind: 'percent-off-cheapest-unit', percentBp: 3_000, perUnits: 3 },
      {},
    ],
    [
      'units in groups',
      { kind: 'quantity-groups', groupSize: 3, percentBp: 2_000 },
      { kind: 'quantity-groups', groupSize: 3, percentBp: 1_000 },
      {},
    ],
    [
      'buy and get',
      { kind: 'buy-x-get-y', buy: { qty: 1 }, get: { qty: 1, percentBp: 5_000, pick: 'cheapest' } },
      { kind: 'buy-x-get-y', buy: { qty: 1 }, get: { qty: 1, percentBp: 4_000, pick: 'cheapest' } },
      {},
    ],
    [
      'points of one category',
      { kind: 'points-earn', perMinor: 100, points: 2, bucket: 'home' },
      { kind: 'points-earn', perMinor: 100, points: 1, bucket: 'home' },
      { lane: 'points-earn' },
    ],
  ];
  test.each(cases)('%s', (_, more, less, place) => {
    expect(found([inGroup('more', more, place), inGroup('less', less, place)])).toEqual([
      'never-wins less',
    ]);
  });

  test('points of two categories are not compared', () => {
    const earn = (bucket: string, points: number) => ({
      kind: 'points-earn',
      perMinor: 100,
      points,
      bucket,
    });
    const place = { lane: 'points-earn' };
    expect(
      found([inGroup('a', earn('home', 2), place), inGroup('b', earn('base', 1), place)]),
    ).toEqual([]);
  });
});

describe('a group of rights and gifts goes by its order, not by what is given', () => {
  const gift = (qty: number) => ({ kind: 'gift-item', buy: { qty: 2 }, gift: { sku: 'mug', qty } });
  const grant = (id: string, effect: Fields, priority: number): Fields => ({
    id,
    lane: 'entitlement',
    group: 'g',
    priority,
    effect,
  });

  test('so the later of two is never given, however much it would give', () => {
    expect(found([grant('one', gift(1), 0), grant('two', gift(2), 1)])).toEqual(['never-wins two']);
  });

  test('and equal priorities leave it to the ids', () => {
    expect(found([grant('one', gift(1), 0), grant('two', gift(2), 0)])).toEqual(['tie-by-id two']);
  });

  test('but a gift that asks for more units leaves room for another', () => {
    const dear = { ...gift(2), buy: { qty: 5 } };
    expect(found([grant('one', dear, 0), grant('two', gift(1), 1)])).toEqual([]);
  });

  test('a higher tier with a smaller gift gets less than the base package', () => {
    const forTier = (tier: string, qty: number): Fields => ({
      id: tier,
      lane: 'entitlement',
      when: `member.tier == "${tier}"`,
      effect: gift(qty),
    });
    expect(found([forTier('silver', 2), forTier('gold', 1)])).toEqual(['below-base gold']);
    expect(found([forTier('silver', 1), forTier('gold', 2)])).toEqual([]);
  });

  test('a ladder of months that asks more of a higher tier for the same', () => {
    const ladder = (tier: string, fromMinor: number): Fields => ({
      id: tier,
      lane: 'entitlement',
      when: `member.tier == "${tier}"`,
      effect: { kind: 'month-ladder', months: 3, fromMinor, tier: 'diamond' },
    });
    expect(found([ladder('silver', 300_000), ladder('gold', 500_000)])).toEqual([
      'below-base gold',
    ]);
  });
});

describe('a stack counts', () => {
  const basket = (percentBp: number): Fields => ({
    id: 'basket',
    effect: { kind: 'percent-off-order', percentBp },
  });

  test('what is off for every full amount', () => {
    const every = (amountMinor: number): Fields => ({
      id: 'every',
      step: 2,
      effect: { kind: 'every-amount-off', everyMinor: 10_000, amountMinor },
    });
    expect(found([basket(6_000), every(5_000)])).toEqual(['stack-too-deep basket']);
    expect(found([basket(6_000), every(3_900)])).toEqual([]);
  });

  test('the cheapest of so many units', () => {
    const cheapest = (perUnits: number): Fields => ({
      id: 'cheapest',
      lane: 'multi-buy',
      effect: { kind: 'percent-off-cheapest-unit', percentBp: 10_000, perUnits },
    });
    expect(found([basket(6_000), cheapest(2)])).toEqual(['stack-too-deep basket']);
    expect(found([basket(6_000), cheapest(3)])).toEqual([]);
    const gated = {
      id: 'cheapest',
      lane: 'multi-buy',
      when: 'qty("all") >= 3',
      select: { all: {} },
      effect: { kind: 'percent-off-cheapest-unit', percentBp: 10_000 },
    };
    expect(found([basket(6_000), gated])).toEqual([]);
  });

  test('a percentage off sets, on the goods of the sets alone', () => {
    const bundle: Fields = {
      id: 'set',
      lane: 'multi-buy',
      effect: { kind: 'bundle', parts: [part(sku('a')), part(sku('b'))], percentBp: 6_000 },
    };
    expect(found([{ ...basket(5_000), target: sku('a') }, bundle])).toEqual(['stack-too-deep set']);
    expect(found([{ ...basket(5_000), target: sku('c') }, bundle])).toEqual([]);
  });
});

describe('scenes that contradict each other', () => {
  const calendar = { calendar: { from: '2026-01-01', to: '2026-12-31' } };
  const asks = (when: string): string[] =>
    found([{ id: 'r', when, effect: { kind: 'fixed-off-order', amountMinor: 1 } }], {
      calendar: {
        ...calendar.calendar,
        festivals: [{ id: 'x', name: { 'zh-CN': '节', en: 'X' }, on: '2026-05-01' }],
      },
    });
  const tag = (name: string) => `"${name}" in scene.tags`;

  test.each([
    `${tag('weekend')} && ${tag('workday')}`,
    `${tag('holiday')} && ${tag('workday')}`,
    `!(${tag('weekend')}) && !(${tag('holiday')}) && !(${tag('workday')})`,
    `${tag('festival:x')} && !(${tag('festival')})`,
  ])('never hold: %s', (when) => {
    expect(asks(when)).toEqual(['never-holds r']);
  });

  test.each([
    `${tag('weekend')} && ${tag('holiday')}`,
    `${tag('weekend')} || ${tag('workday')}`,
    `!(${tag('weekend')}) && !(${tag('workday')})`,
    `${tag('festival')} && !(${tag('festival:x')})`,
  ])('may hold: %s', (when) => {
    expect(asks(when)).toEqual([]);
  });
});

describe('a bundle whose wider part stands before a narrower one', () => {
  const bundle = (...targets: Fields[]): string[] =>
    found([
      {
        id: 'set',
        lane: 'multi-buy',
        effect: { kind: 'bundle', parts: targets.map(part), amountMinor: 100 },
      },
    ]);

  test.each([
    [{}, sku('a')],
    [{ sku: ['a', 'b'] }, sku('a')],
    [{ category: ['tea'] }, { category: ['tea'], unitPriceMax: 5_000 }],
    [{ attributes: ['green'] }, { attributes: ['green'], notAlreadyDiscounted: true }],
  ])('%j before %j is reported, the other way round it is not', (wide, narrow) => {
    expect(bundle(wide, narrow)).toEqual(['part-order set']);
    expect(bundle(narrow, wide)).toEqual([]);
  });

  test('parts that are alike or have nothing to do with each other are left in peace', () => {
    expect(bundle(sku('a'), sku('a'))).toEqual([]);
    expect(bundle(sku('a'), sku('b'))).toEqual([]);
  });
});

describe('points of a category that are asked for after the plain ones', () => {
  const pays = (id: string, bucket: string, more: Fields): Fields => ({
    id,
    lane: 'points-spend',
    effect: { kind: 'points-redeem', minorPerPoint: 10, bucket },
    ...more,
  });

  test('are reported', () => {
    const late = [pays('any', 'base', { step: 1 }), pays('home', 'home', { step: 2 })];
    expect(found(late)).toEqual(['points-order home']);
    const same = [pays('any', 'base', {}), pays('home', 'home', {})];
    expect(found(same)).toEqual(['points-order home']);
  });

  test('but not in an earlier step, or where the two never meet', () => {
    const early = [pays('any', 'base', { step: 2 }), pays('home', 'home', { step: 1 })];
    expect(found(early)).toEqual([]);
    const apart = [
      pays('any', 'base', { when: 'member.tier == "gold"' }),
      pays('home', 'home', { when: 'member.tier == "silver"' }),
    ];
    expect(found(apart)).toEqual([]);
  });
});

describe('the money of a good cause', () => {
  const gives = (more: Fields): string[] =>
    found([
      {
        id: 'sea',
        lane: 'entitlement',
        effect: { kind: 'donation', cause: 'sea', perMinor: 5_000, amountMinor: 50 },
        ...more,
      },
    ]);

  test('may be capped and limited', () => {
    expect(gives({ caps: { discountMinor: 500 } })).toEqual([]);
    expect(gives({ budget: { id: 'b', limitMinor: 50 } })).toEqual([]);
  });

  test('that does not hold one gift is reported', () => {
    expect(gives({ budget: { id: 'b', limitMinor: 49 } })).toEqual(['limit-unreachable sea']);
  });
});
