import { describe, expect, test } from 'vitest';
import { inputOf, memberOf, outcome, rulesOf, run } from '../../../support/benefits.ts';

const effect = { kind: 'fixed-off-order', amountMinor: 1 };
const select = { food: { category: ['food', 'drinks'] } };

/** A condition that can be looked up, and a basket or member that meets it. */
const keys: [string, Record<string, unknown>][] = [
  ['"A" in codes', { codes: ['B', 'A'] }],
  ['"student" in member.tags', { member: memberOf({ tags: ['vegan', 'student'] }) }],
  ['"staff" in member.groups', { member: memberOf({ groups: ['staff'] }) }],
  ['member.tier == "silver"', { member: memberOf({ tier: 'silver' }) }],
  ['"silver" == member.tier', { member: memberOf({ tier: 'silver' }) }],
  ['member.tier in ["silver", "silver", "diamond"]', { member: memberOf({ tier: 'silver' }) }],
  ['member.tier == ""', {}],
  ['store.id == "S1"', {}],
  ['store.tier == "A"', {}],
  ['hasLines("food")', {}],
  ['qty("food") >= 1', {}],
  ['listMinor("food") > 0', {}],
];

describe('the candidate index', () => {
  for (const [when, rest] of keys) {
    test(`finds the rule with ${when} where it holds, once`, () => {
      const uses = when.includes('"food"') ? { select } : {};
      const compiled = rulesOf([{ id: 'r', when, effect, ...uses }]);
      const lines = [
        { unitPriceMinor: 100, category: 'food' },
        { unitPriceMinor: 100, category: 'drinks' },
      ];
      const input = inputOf(lines, rest);
      expect(compiled.index.candidates(input)).toEqual([0]);
      expect(outcome(run(compiled, input), 'r').status).toBe('applied');
      const elsewhere = inputOf([{ unitPriceMinor: 100, category: 'toys' }], {
        codes: ['C'],
        member: memberOf({ tier: 'gold', tags: ['x'], groups: ['y'] }),
        store: { storeId: 'S9', storeTier: 'Z' },
      });
      expect(compiled.index.candidates(elsewhere)).toEqual([]);
    });
  }

  const unindexed = [
    'qty("food") >= 0',
    'qty("food") <= 3',
    '!("student" in member.tags)',
    'member.tier != "gold"',
    'member.known || "A" in codes',
  ];
  for (const when of unindexed) {
    test(`always considers a rule with ${when}`, () => {
      const uses = when.includes('"food"') ? { select } : {};
      const compiled = rulesOf([{ id: 'r', when, effect, ...uses }]);
      expect(compiled.index.candidates(inputOf([['a', 1, 1]]))).toEqual([0]);
    });
  }

  test('files a rule under the term that the fewest rules share', () => {
    const rules = Array.from({ length: 5 }, (_, n) => ({
      id: `r${n}`,
      when: `member.tier == "gold" && "t${n}" in member.tags`,
      effect,
    }));
    const member = memberOf({ tier: 'gold', tags: ['t3'] });
    expect(rulesOf(rules).index.candidates(inputOf([['a', 1, 1]], { member }))).toEqual([3]);
  });

  test('leaves out a rule that meets its rarest term and not another', () => {
    const rules = [
      {
        id: 'r',
        when: '"vip" in member.tags && member.tier == "gold" && store.id == "S1"',
        effect,
      },
      { id: 'gold', when: 'member.tier == "gold"', effect },
      { id: 'store', when: 'store.id == "S1"', effect },
    ];
    const vip = memberOf({ tier: 'silver', tags: ['vip'] });
    const gold = memberOf({ tier: 'gold', tags: ['vip'] });
    const { index } = rulesOf(rules);
    expect(index.candidates(inputOf([['a', 1, 1]], { member: vip }))).toHaveLength(1);
    expect(index.candidates(inputOf([['a', 1, 1]], { member: gold }))).toHaveLength(3);
  });

  test('finds an exclusive rule by its rarest term alone, so that its own trial says why not', () => {
    const compiled = rulesOf([
      {
        id: 'loud',
        when: '"vip" in member.tags && member.tier == "gold"',
        exclusive: ['coupon'],
        effect,
      },
      { id: 'gold', when: 'member.tier == "gold"', effect },
    ]);
    const member = memberOf({ tier: 'silver', tags: ['vip'] });
    expect(compiled.index.candidates(inputOf([['a', 1, 1]], { member }))).toHaveLength(1);
  });

  test('finds a rule once where the basket has several of the values that it waits for', () => {
    const compiled = rulesOf([
      { id: 'r', when: 'hasLines("food")', select, effect },
      { id: 'other', when: 'hasLines("food")', select: { food: { category: ['food'] } }, effect },
    ]);
    const lines = ['food', 'drinks', 'food'].map((category) => ({ unitPriceMinor: 1, category }));
    expect(compiled.index.candidates(inputOf(lines))).toEqual([0, 1]);
  });

  test('still lets every rule that it leaves out say why', () => {
    const compiled = rulesOf([
      { id: 'r', when: 'basket.qty >= 5 && "student" in member.tags', effect },
    ]);
    const evaluation = run(compiled, inputOf([['a', 1, 1]], { member: memberOf() }));
    // The first term in the order of the text, although the index looked at the second.
    expect(outcome(evaluation, 'r')).toMatchObject({ status: 'not-applicable', code: 'min-qty' });
  });
});
