import { describe, expect, test } from 'vitest';
import { CONDITION_MAX_DEPTH, CONDITION_MAX_NODES } from '../../../agent/contract/condition.ts';
import { publishRules } from '../../../sync/hq/publish/publish-rules.ts';
import type { RuleProblem } from '../../../sync/hq/publish/rule-problem.ts';

/** Problems of a rule file whose second rule has this condition, in one line. */
function problemsOf(when: string): readonly RuleProblem[] {
  const rule = (id: string, condition: string): string => `
  - id: ${id}
    name: { zh-CN: 规则, en: Rule }
    lane: basket
    effect: { kind: fixed-off-order, amountMinor: 100 }
    when: |-
      ${condition}`;
  const source = `ruleSet: demo
version: 1
currency: CNY
rules:${rule('good', 'member.known')}${rule('hostile', when)}
`;
  const published = publishRules(source);
  return published.ok ? published.value.warnings : published.error;
}

/** A refusal that names rule and field, and stands at an offset of the condition. */
function refusedAt(offset: number, code: RuleProblem['code']) {
  return {
    severity: 'error',
    code,
    ruleId: 'hostile',
    field: 'rules.1.when',
    line: 16,
    column: 7 + offset,
  };
}

/**
 * A condition with a mark before the place of its fault, taken apart. The parser puts an operator at the blank before it
 * where a constant or a single name stands on its left.
 */
function marked(text: string): [string, number] {
  return [text.replace('⟨', ''), text.indexOf('⟨')];
}

const repeat = (text: string, count: number, between = ''): string =>
  Array.from({ length: count }, () => text).join(between);

describe('hostile conditions: 10,000 terms', () => {
  for (const when of [
    repeat('true', 10_000, ' || '),
    `basket.qty in [${repeat('1', 10_000, ',')}]`,
    `basket.qty == ${repeat('1', 10_000, '+')}`,
  ]) {
    test(`${when.slice(0, 24)}... is refused at publishing, with the position`, () => {
      const [problem, ...others] = problemsOf(when);
      // Longer than any text may be, which is found before a place inside it is looked for.
      expect(problem).toMatchObject({ ...refusedAt(0, 'schema'), line: 15, column: 11 });
      expect(others).toEqual([]);
    });
  }

  test('that fit the text but not the tree are refused once, at the first one too many', () => {
    const [problem, ...others] = problemsOf(repeat('true', CONDITION_MAX_NODES + 300, '||'));
    // The chain itself is a node.
    const first = (CONDITION_MAX_NODES - 1) * 'true||'.length;
    expect(problem).toMatchObject(refusedAt(first, 'condition-too-large'));
    expect(others).toEqual([]);
  });
});

describe('hostile conditions: nesting 1,000 deep', () => {
  const levels = CONDITION_MAX_DEPTH;
  const shapes: [string, string, string, number][] = [
    ['brackets', '(', ')', levels],
    ['lists', '[', ']', levels],
    ['maps', '{1:', '}', levels * 3],
    ['negations', '!', '', levels],
    ['spaced negations', '! ', '', levels * 2],
    ['minus signs', '-', '', levels],
    ['brackets and signs', '!(', ')', levels * 2],
    ['calls', 'qty(', ')', levels * 4 + 3],
    ['brackets behind a raw text', '(', ')', levels],
  ];
  for (const [name, open, close, offset] of shapes) {
    test(`of ${name} is refused at publishing, at the first level too deep`, () => {
      const problems = problemsOf(`${repeat(open, 1_000)}true${repeat(close, 1_000)}`);
      expect(problems).toMatchObject([refusedAt(offset, 'condition-too-large')]);
    });
  }

  // The quotation marks in each are not what they look like to who counts them one by one.
  for (const hidden of [
    String.raw`r"\" == member.tier && `,
    String.raw`R'\' == member.tier && `,
    `'''it's''' == member.tier && `,
    `"""say "x""" == member.tier && `,
    String.raw`"""\"""" == member.tier && `,
    `"//" == member.tier && `,
  ]) {
    test(`is found behind ${hidden.slice(0, 12)}, not hidden by it`, () => {
      const deep = `${repeat('(', 1_000)}true${repeat(')', 1_000)}`;
      expect(problemsOf(`${hidden}${deep}`)).toMatchObject([
        refusedAt(hidden.length + levels, 'condition-too-large'),
      ]);
      expect(problemsOf(`${hidden}${deep.slice(970, -970)}`)).toEqual([]);
    });
  }

  test('is found on the line below a comment with a quotation mark', () => {
    const [problem] = problemsOf(`true && // "\n      ${repeat('(', 1_000)}true`);
    expect(problem).toMatchObject({ code: 'condition-too-large', line: 17, column: 7 + levels });
  });

  test('inside a text or a comment is no nesting', () => {
    const brackets = repeat('([{', 100);
    expect(problemsOf(`member.tier == "${brackets}" // ${brackets}\n      && true`)).toEqual([]);
    expect(problemsOf(`member.tier == r'${brackets}\\'`)).toEqual([]);
  });

  test('of operators without brackets is refused where the tree becomes too deep', () => {
    for (const chain of [repeat('1', 1_000, ' - '), repeat('1', 1_000, ' * ')]) {
      const [problem] = problemsOf(`basket.qty == ${chain}`);
      expect(problem).toMatchObject({ code: 'condition-too-large', ruleId: 'hostile', line: 16 });
    }
  });
});

describe('hostile conditions: overflow at each operator', () => {
  const most = '9223372036854775807';
  const least = '-9223372036854775808';
  for (const [when, offset] of [
    `${most}⟨ + 1 > 0`,
    `basket.qty ⟨+ ${most} > 0`,
    `${least}⟨ - 1 < 0`,
    `-2⟨ - ${most} < 0`,
    '4611686018427387904⟨ * 2 > 0',
    'basket.listMinor ⟨* basket.listMinor * 2 > 0',
    `⟨-(${least}) > 0`,
    'basket.qty == ⟨9223372036854775808',
    `basket.qty in [1, ${most}⟨ + 1]`,
    `[1, ${most}].all(n, -n⟨ - 2 < n)`,
    `true || ${most}⟨ + 1 > 0`,
  ].map(marked)) {
    test(`${when} is refused at publishing, with the position of the operator`, () => {
      expect(problemsOf(when)).toMatchObject([refusedAt(offset, 'condition-overflow')]);
    });
  }

  test('is no overflow one step before it', () => {
    for (const when of [
      `basket.qty < ${most} - 1 + 1`,
      `basket.qty > ${least} + 1 - 1`,
      `basket.qty < 4611686018427387903 * 2`,
      `basket.qty > -(${most})`,
      `basket.qty > ${least}`,
    ])
      expect(problemsOf(when)).toEqual([]);
  });
});

describe('hostile conditions: unknown field', () => {
  const unknown: [string, RuleProblem['code']][] = [
    ['basket.qty > 1 && member⟨.salary > 3', 'unknown-variable'],
    ['⟨nobody', 'unknown-variable'],
    ['⟨has(member.salary)', 'unknown-variable'],
    ['member.known && ⟨basket == 3', 'unknown-variable'],
    ['codes.exists(c, ⟨d == "x")', 'unknown-variable'],
    ['codes.exists(c, c == "x") && ⟨c == "x"', 'unknown-variable'],
    ['__proto__⟨.constructor == 1', 'unknown-variable'],
    ['member.known && ⟨sum("mugs") > 3', 'unknown-function'],
    ['qty(⟨"mugs") > 3', 'unknown-selector'],
  ];
  for (const [text, code] of unknown) {
    const [when, offset] = marked(text);
    test(`${when} is refused at publishing, with the position`, () => {
      expect(problemsOf(when)).toMatchObject([refusedAt(offset, code)]);
    });
  }
});

describe('hostile conditions: wrong type', () => {
  for (const [when, offset] of [
    'basket⟨.qty',
    '⟨"gold"',
    'member.known && member.tier ⟨== 3',
    'member⟨.tier < "gold"',
    '⟨true < false',
    'member.known && basket⟨.qty',
    '!member⟨.tier',
    '-member⟨.known == 1',
    '1 + member⟨.tier == 1',
    'member⟨.tier * 2 == 1',
    '3⟨ in codes',
    'member.tier ⟨in "gold"',
    'member.tier in ⟨["gold", 1]',
    'codes⟨ == member.tags',
    'basket⟨.qty.exists(n, true)',
    'codes.all(c, ⟨1)',
  ].map(marked)) {
    test(`${when} is refused at publishing, with the position`, () => {
      expect(problemsOf(when)).toMatchObject([refusedAt(offset, 'condition-type')]);
    });
  }

  test('half a character is refused: no signature could cover it', () => {
    const rule = {
      id: 'half',
      name: { 'zh-CN': '规则', en: 'Rule' },
      lane: 'basket',
      when: 'member.tier == "\ud800"',
      effect: { kind: 'fixed-off-order', amountMinor: 100 },
    };
    const source = JSON.stringify({ ruleSet: 's', version: 1, currency: 'CNY', rules: [rule] });
    expect(publishRules(source)).toMatchObject({
      ok: false,
      error: [{ code: 'condition-syntax', ruleId: 'half', field: 'rules.0.when' }],
    });
  });
});
