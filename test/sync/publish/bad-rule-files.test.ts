import { describe, expect, test } from 'vitest';
import {
  CONDITION_MAX_CHARS,
  CONDITION_MAX_DEPTH,
  CONDITION_MAX_NODES,
} from '../../../agent/contract/condition.ts';
import { RULE_FILE_MAX_BYTES, RULE_SET_MAX_EXCLUSIVE } from '../../../agent/contract/rules.ts';
import { publishRules } from '../../../sync/hq/publish/publish-rules.ts';
import type { RuleProblem } from '../../../sync/hq/publish/rule-problem.ts';
import { ruleFile } from '../../support/benefits.ts';

const effect = { kind: 'fixed-off-order', amountMinor: 100 };

function problemsOf(source: string): readonly RuleProblem[] {
  const published = publishRules(source);
  if (!published.ok) return published.error;
  return published.value.warnings;
}

/** Problems of one rule with this condition. */
function conditionProblems(when: string, rule: object = {}): readonly RuleProblem[] {
  return problemsOf(ruleFile([{ id: 'r', when, effect, ...rule }]));
}

/** A small rule file as an author writes it; the places below count on it. */
function yaml(rules: string): string {
  return `ruleSet: demo\nversion: 1\ncurrency: CNY\nrules:\n${rules}`;
}
const rule = (
  id: string,
  when: string,
  more = 'effect: { kind: fixed-off-order, amountMinor: 100 }',
): string =>
  `  - id: ${id}\n    name: { zh-CN: 规则, en: Rule }\n    lane: basket\n    when: ${when}\n    ${more}\n`;

describe('a name that a comma cuts', () => {
  test('is refused with the key that the rest became', () => {
    const cut = rule('r', 'member.known').replace('en: Rule', 'en: Coupon, 15 off');
    expect(problemsOf(yaml(cut))[0]).toMatchObject({ severity: 'error', line: 6 });
    expect(JSON.stringify(problemsOf(yaml(cut)))).toContain('15 off');
  });
});

describe('a rule file with a type error', () => {
  test('is refused with line, column, rule and reason', () => {
    const [problem] = problemsOf(
      yaml(rule('ok', 'member.known') + rule('wrong', 'basket.qty >= 1 && member.tier >= 3')),
    );
    expect(problem).toMatchObject({
      severity: 'error',
      code: 'condition-type',
      ruleId: 'wrong',
      line: 13,
      field: 'rules.1.when',
    });
    // The column of the operator between the two types.
    expect(problem?.column).toBe(11 + 'basket.qty >= 1 && member.tier '.length);
    expect(problem?.message.en).toContain('string with int');
    expect(problem?.message['zh-CN']).toContain('类型不符');
  });

  test('inside a block of several lines is found on its line', () => {
    const block = '|\n      basket.qty >= 1\n      && member.tier >= 3';
    expect(problemsOf(yaml(rule('wrong', block)))[0]).toMatchObject({ line: 10, column: 22 });
  });

  const wrong: [string, string][] = [
    ['basket.qty', 'condition-type'],
    ['member.known >= true', 'condition-type'],
    ['member.tier == 3', 'condition-type'],
    ['member.tier < "gold"', 'condition-type'],
    ['3 in member.tags', 'condition-type'],
    ['member.tags == member.groups', 'condition-type'],
    ['[] == []', 'condition-type'],
    ['member.tier in ["gold", 3]', 'condition-type'],
    ['!basket.qty', 'condition-type'],
    ['-member.tier == 1', 'condition-type'],
    ['"a" + "b" == "ab"', 'condition-type'],
    ['basket.qty && true', 'condition-type'],
    ['member.tier.exists(x, true)', 'condition-type'],
    ['codes.exists(c, codes.exists(c, c == "x"))', 'condition-type'],
    ['qty(3) > 1', 'condition-type'],
    ['member.age > 3', 'unknown-variable'],
    ['__proto__', 'unknown-variable'],
    ['constructor == "x"', 'unknown-variable'],
    ['total("x") > 1', 'unknown-function'],
    ['toString("x") == 1', 'unknown-function'],
    ['qty("none") > 1', 'unknown-selector'],
    ['basket.listMinor > 1.5', 'not-in-profile'],
    ['basket.qty > 1u', 'not-in-profile'],
    ['null == null', 'not-in-profile'],
    ['basket.qty / 2 > 1', 'not-in-profile'],
    ['basket.qty % 2 == 0', 'not-in-profile'],
    ['member.known ? true : false', 'not-in-profile'],
    ['member.tags[0] == "x"', 'not-in-profile'],
    ['member.tags.filter(t, true) == codes', 'not-in-profile'],
    ['member.tier.matches("g.*")', 'not-in-profile'],
    ['{"a": 1} == {"a": 1}', 'not-in-profile'],
    ['member.tier == "gold', 'condition-syntax'],
    ['basket.qty >=', 'condition-syntax'],
    ['basket.qty >= 1 member.known', 'condition-syntax'],
  ];
  for (const [when, code] of wrong) {
    test(`${when} is refused with ${code}`, () => {
      const problems = conditionProblems(when);
      expect(problems[0]).toMatchObject({ severity: 'error', code, ruleId: 'r' });
      expect(new Set(problems.map((problem) => problem.code))).toEqual(new Set([code]));
    });
  }

  test('reports every rule that is wrong in one pass, in file order', () => {
    const problems = problemsOf(
      yaml(rule('a', 'nobody') + rule('b', 'member.known') + rule('c', 'basket.qty')),
    );
    expect(problems.map(({ ruleId, line }) => [ruleId, line])).toEqual([
      ['a', 8],
      ['c', 18],
    ]);
  });
});

describe('a rule file with an unknown effect', () => {
  test('is refused with line, rule and the effects that exist', () => {
    const [problem] = problemsOf(
      yaml(rule('a', 'member.known', 'effect: { kind: half-price, percentBp: 5000 }')),
    );
    expect(problem).toMatchObject({ code: 'unknown-effect', ruleId: 'a', line: 9, column: 21 });
    expect(problem?.message.en).toContain('percent-off-items');
  });

  test('or an effect in a lane where it cannot stand is refused', () => {
    expect(problemsOf(ruleFile([{ id: 'r', lane: 'price', effect }]))).toMatchObject([
      { code: 'wrong-lane', field: 'rules.0.lane' },
    ]);
  });
});

describe('a rule file with a repeated id', () => {
  test('is refused at the second place and names the first', () => {
    const problems = problemsOf(
      yaml(rule('a', 'member.known') + rule('b', 'member.known') + rule('a', 'member.known')),
    );
    expect(problems).toMatchObject([{ code: 'repeated-id', ruleId: 'a', line: 15 }]);
    expect(problems[0]?.message.en).toContain('line 5');
  });
});

describe('a rule file with an overflow', () => {
  const overflowing = [
    'basket.listMinor * basket.listMinor > 0',
    'basket.listMinor + 9223372036854775807 > 0',
    '-9223372036854775807 - basket.listMinor < 0',
    '-(-9223372036854775808) > 0',
    'basket.qty == 9223372036854775808',
    '[9223372036854775807].exists(n, n + 1 > 0)',
  ];
  for (const when of overflowing) {
    test(`${when} is refused although most baskets would not reach it`, () => {
      expect(conditionProblems(when)).toMatchObject([{ code: 'condition-overflow', line: 1 }]);
    });
  }

  test('in an amount or percentage is refused with its field', () => {
    const amounts = [
      { kind: 'fixed-off-order', amountMinor: 900_000_000_001 },
      { kind: 'percent-off-order', percentBp: 10_001 },
    ];
    for (const wrong of amounts) {
      expect(problemsOf(ruleFile([{ id: 'r', effect: wrong }]))).toMatchObject([
        { code: 'schema', ruleId: 'r' },
      ]);
    }
  });

  test('in the points of the largest basket is refused', () => {
    const earn = (points: number) =>
      problemsOf(
        ruleFile([
          { id: 'r', lane: 'points-earn', effect: { kind: 'points-earn', perMinor: 10, points } },
        ]),
      );
    expect(earn(100_070)).toEqual([]);
    expect(earn(100_080)).toMatchObject([
      { code: 'amount-overflow', field: 'rules.0.effect.points' },
    ]);
  });
});

describe('a hostile condition', () => {
  test('of 10,000 terms is refused at the limit of its length', () => {
    const problems = conditionProblems(
      Array.from({ length: 10_000 }, () => 'member.known').join(' && '),
    );
    expect(problems).toMatchObject([{ severity: 'error' }]);
  });

  test('is refused one node above the limit and not at it', () => {
    const chain = (terms: number): string => Array.from({ length: terms }, () => 'true').join('||');
    // The chain itself is one node.
    expect(chain(CONDITION_MAX_NODES).length).toBeLessThan(CONDITION_MAX_CHARS);
    expect(conditionProblems(chain(CONDITION_MAX_NODES - 1)).map(({ code }) => code)).toEqual([
      'constant-condition',
    ]);
    expect(conditionProblems(chain(CONDITION_MAX_NODES)).map(({ code }) => code)).toEqual([
      'condition-too-large',
    ]);
  });

  test('nested 1,000 deep is refused before the parser sees it', () => {
    for (const [open, close] of [
      ['(', ')'],
      ['[', ']'],
      ['!', ''],
      ['-', ''],
      ['!(', ')'],
    ] as const) {
      const deep = `${open.repeat(1_000)}true${close.repeat(1_000)}`;
      expect(conditionProblems(deep)).toMatchObject([{ code: 'condition-too-large' }]);
    }
  });

  test('is refused one bracket above the limit and not at it', () => {
    const nested = (depth: number): string =>
      `${'('.repeat(depth)}member.known${')'.repeat(depth)}`;
    expect(conditionProblems(nested(CONDITION_MAX_DEPTH))).toEqual([]);
    expect(conditionProblems(nested(CONDITION_MAX_DEPTH + 1))).toMatchObject([
      { code: 'condition-too-large' },
    ]);
  });

  test('with long arithmetic is refused by the depth of its tree', () => {
    const sum = Array.from({ length: 200 }, () => '1').join(' + ');
    expect(conditionProblems(`basket.qty == ${sum}`).map(({ code }) => code)).toContain(
      'condition-too-large',
    );
  });

  test('with quantifiers three deep is refused', () => {
    const three = 'codes.all(a, codes.all(b, codes.all(c, true)))';
    expect(conditionProblems(three)).toMatchObject([{ code: 'condition-too-large' }]);
    expect(conditionProblems('codes.all(a, codes.all(b, a == b))')).toEqual([]);
  });

  test('longer than the limit is refused', () => {
    const long = `member.tier == "${'x'.repeat(CONDITION_MAX_CHARS)}"`;
    expect(conditionProblems(long)).toMatchObject([{ severity: 'error' }]);
  });
});

describe('a rule file of the wrong form', () => {
  test('that is neither YAML nor JSON is refused with its place', () => {
    expect(problemsOf('rules: [')).toMatchObject([{ code: 'syntax', severity: 'error' }]);
    expect(problemsOf('{"ruleSet": "x", "rules": [}')[0]).toMatchObject({
      code: 'syntax',
      line: 1,
    });
  });

  test('with a key written twice is refused', () => {
    expect(problemsOf('ruleSet: a\nruleSet: b\n')[0]).toMatchObject({ code: 'syntax', line: 2 });
  });

  test('with an alias bomb is refused', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x,x]',
      'b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]',
      'c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]',
      'd: [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]',
    ];
    expect(problemsOf(bomb.join('\n'))).toMatchObject([{ code: 'syntax' }]);
  });

  test('with a misspelt field is refused at the field', () => {
    const problems = problemsOf(yaml(`${rule('a', 'member.known')}    percnt: 3\n`));
    expect(problems).toMatchObject([
      { code: 'schema', ruleId: 'a', line: 10, column: 5, field: 'rules.0.percnt' },
    ]);
    expect(problems[0]?.message['zh-CN']).toContain('不认识的字段');
  });

  test('with a missing field is refused at the rule', () => {
    const problems = problemsOf(
      yaml('  - id: a\n    lane: basket\n    name: { zh-CN: x, en: x }\n'),
    );
    expect(problems).toMatchObject([{ code: 'schema', ruleId: 'a', field: 'rules.0.effect' }]);
  });

  test('with a fraction where an integer belongs is refused', () => {
    expect(
      problemsOf(ruleFile([{ id: 'r', effect: { kind: 'percent-off-order', percentBp: 12.5 } }])),
    ).toMatchObject([{ code: 'schema', field: 'rules.0.effect.percentBp' }]);
  });

  test('above the size limit is refused unread', () => {
    expect(problemsOf(' '.repeat(RULE_FILE_MAX_BYTES + 1))).toMatchObject([
      { code: 'file-too-large' },
    ]);
    expect(problemsOf(' '.repeat(RULE_FILE_MAX_BYTES))).toMatchObject([{ code: 'schema' }]);
  });
});

describe('a rule that cannot mean what it says', () => {
  const oneRule = (more: object): readonly RuleProblem[] =>
    problemsOf(ruleFile([{ id: 'r', effect, ...more }]));

  test('names a target that it does not select', () => {
    for (const target of ['mugs', 'constructor']) {
      expect(oneRule({ target })).toMatchObject([
        { code: 'unknown-selector', field: 'rules.0.target' },
      ]);
    }
  });

  test('ends before it begins, or on a day that does not exist', () => {
    expect(oneRule({ window: { from: '2026-02-02', to: '2026-02-01' } })).toMatchObject([
      { code: 'window-empty' },
    ]);
    expect(oneRule({ window: { from: '2026-02-01', to: '2026-02-01' } })).toEqual([]);
    expect(oneRule({ window: { from: '2026-02-01T10:00', to: '2026-02-01' } })).toEqual([]);
    expect(oneRule({ window: { to: '2026-02-30' } })).toMatchObject([
      { code: 'window-date', field: 'rules.0.window.to' },
    ]);
    expect(oneRule({ window: { daily: { from: '10:00', to: '10:00' } } })).toMatchObject([
      { code: 'window-empty' },
    ]);
  });

  test('has steps that do not rise, or both a percentage and an amount', () => {
    const steps = [
      { fromMinor: 200, amountMinor: 1 },
      { fromMinor: 100, amountMinor: 2 },
    ];
    expect(
      oneRule({ effect: { kind: 'tiered-fixed-order', baseAmountMinor: 0, steps } }),
    ).toMatchObject([{ code: 'effect-values' }]);
    expect(
      oneRule({
        effect: { kind: 'quantity-groups', groupSize: 2, percentBp: 1, amountPerUnitMinor: 1 },
      }),
    ).toMatchObject([{ code: 'effect-values' }]);
    const parts = [{ qty: 1 }, { qty: 1 }];
    const saves = [{}, { priceMinor: 1, percentBp: 1 }, { priceMinor: 1, amountMinor: 1 }];
    for (const values of saves) {
      expect(
        oneRule({ lane: 'multi-buy', effect: { kind: 'bundle', parts, ...values } }),
      ).toMatchObject([{ code: 'effect-values' }]);
    }
    expect(
      oneRule({ effect: { kind: 'every-amount-off', everyMinor: 99, amountMinor: 100 } }),
    ).toMatchObject([{ code: 'effect-values', field: 'rules.0.effect.amountMinor' }]);
    expect(
      oneRule({
        effect: { kind: 'percent-off-cheapest-unit', percentBp: 1, units: 4, perUnits: 3 },
      }),
    ).toMatchObject([{ code: 'effect-values', field: 'rules.0.effect.units' }]);
    const gives = (amountMinor: number) =>
      oneRule({
        lane: 'entitlement',
        effect: { kind: 'donation', cause: 'trees', perMinor: 99, amountMinor },
      });
    expect(gives(100)).toMatchObject([
      { code: 'effect-values', field: 'rules.0.effect.amountMinor' },
    ]);
    expect(gives(99)).toEqual([]);
  });

  test('shares a group with rules that count something else', () => {
    const earn = {
      id: 'e',
      lane: 'points-earn',
      group: 'g',
      effect: { kind: 'points-earn', perMinor: 100, points: 1 },
    };
    const factor = {
      id: 'f',
      lane: 'points-earn',
      group: 'g',
      effect: { kind: 'points-multiplier', factorBp: 20_000 },
    };
    expect(problemsOf(ruleFile([earn, factor]))).toMatchObject([
      { code: 'mixed-group', ruleId: 'f' },
    ]);
  });

  test('is one exclusive rule too many', () => {
    const many = (count: number) =>
      ruleFile(
        Array.from({ length: count }, (_, index) => ({
          id: `r${index}`,
          exclusive: ['coupon'],
          effect,
        })),
      );
    expect(problemsOf(many(RULE_SET_MAX_EXCLUSIVE))).toEqual([]);
    expect(problemsOf(many(RULE_SET_MAX_EXCLUSIVE + 1))).toMatchObject([
      { code: 'too-many-exclusive' },
    ]);
  });

  test('is warned of, and published, where it only looks wrong', () => {
    expect(oneRule({ when: '1 < 2' })).toMatchObject([
      { severity: 'warning', code: 'constant-condition' },
    ]);
    expect(oneRule({ select: { mugs: { sku: ['m'] } } })).toMatchObject([
      { severity: 'warning', code: 'unused-selector' },
    ]);
  });
});

describe('a rule file with half a character in a text', () => {
  const half = '\\ud800';
  test.each([
    ['name', `name: { zh-CN: 规则, en: "a${half}" }`, 'rules.0.name.en'],
    ['an article number', `target: { sku: ["${half}"] }`, 'rules.0.target.sku.0'],
    ['a coupon code', `coupon: { code: "X${half}", uses: unlimited }`, 'rules.0.coupon.code'],
    ['a campaign', `budget: { id: "${half}", limitMinor: 5 }`, 'rules.0.budget.id'],
  ])('is refused when it is checked, not when it is signed: %s', (_, line, field) => {
    const named = line.startsWith('name') ? line : `name: { zh-CN: 规则, en: Rule }\n    ${line}`;
    const source = yaml(
      `  - id: r\n    lane: basket\n    ${named}\n    effect: { kind: fixed-off-order, amountMinor: 100 }\n`,
    );
    const [problem, ...others] = problemsOf(source);
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ severity: 'error', code: 'schema', ruleId: 'r', field });
    expect(problem?.line).toBe(line.startsWith('name') ? 7 : 8);
    expect(problem?.message.en).toMatch(/half a character|broken UTF-16/);
  });

  test('in the name of a selector, too', () => {
    const select = `select: { "t${half}": { sku: [a] } }`;
    const source = yaml(
      rule(
        'r',
        'member.known',
        `${select}\n    effect: { kind: fixed-off-order, amountMinor: 100 }`,
      ),
    );
    expect(problemsOf(source)[0]).toMatchObject({ severity: 'error', ruleId: 'r' });
  });
});
