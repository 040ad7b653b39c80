import {
  CelScalar,
  celEnv,
  celFunc,
  isCelError,
  listType,
  mapType,
  parse,
  plan,
} from '@bufbuild/cel';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Condition } from '../../../../../agent/contract/condition.ts';
import { basketState } from '../../../../../agent/domain/benefits/basket-state.ts';
import { compileCondition } from '../../../../../agent/domain/benefits/condition/compile-condition.ts';
import { conditionFacts } from '../../../../../agent/domain/benefits/condition/condition-facts.ts';
import { conditionText } from '../../../../../agent/domain/benefits/condition/condition-text.ts';
import { conjuncts } from '../../../../../agent/domain/benefits/condition/conjuncts.ts';
import { intRange } from '../../../../../agent/domain/benefits/condition/int-range.ts';
import { checkCondition } from '../../../../../sync/hq/publish/check-condition.ts';
import { inputOf, memberOf } from '../../../../support/benefits.ts';

const EXPRESSIONS = 600;
const SELECTORS = ['mugs', 'cups'];
const TAGS = ['t1', 't2', 't3'];

const int: fc.Arbitrary<string> = fc.letrec<{ int: string }>((tie) => ({
  int: fc.oneof(
    { maxDepth: 4 },
    fc
      .oneof(
        fc.integer({ min: -20, max: 20_000 }),
        fc.constantFrom(
          2n ** 53n - 1n,
          2n ** 53n,
          -(2n ** 53n),
          2n ** 62n,
          2n ** 63n - 1n,
          -(2n ** 63n),
        ),
      )
      .map(String),
    fc.constantFrom(
      'basket.listMinor',
      'basket.runningMinor',
      'basket.qty',
      'member.completedOrders',
      'now.weekday',
      'qty("mugs")',
      'listMinor("cups")',
    ),
    fc
      .tuple(tie('int'), fc.constantFrom('+', '-', '*'), tie('int'))
      .map(([a, op, b]) => `(${a} ${op} ${b})`),
    tie('int').map((a) => `-(${a})`),
  ),
})).int;

const string = fc.oneof(
  fc.constantFrom('"gold"', '"t1"', '"t2"', '"x"', '"中文"', '"a\\"b"'),
  fc.constantFrom('member.tier', 'store.id', 'basket.channel'),
);
const strings = fc.oneof(
  fc.constantFrom('member.tags', 'member.groups', 'codes'),
  fc.array(string, { minLength: 1, maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
);

const bool: fc.Arbitrary<string> = fc.letrec<{ bool: string }>((tie) => ({
  bool: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom('true', 'false', 'member.known', 'basket.isReturn', 'hasLines("cups")'),
    fc
      .tuple(int, fc.constantFrom('==', '!=', '<', '<=', '>', '>='), int)
      .map((parts) => parts.join(' ')),
    fc
      .tuple(string, fc.constantFrom('==', '!=', 'in'), string, strings)
      .map(([a, op, b, list]) => `${a} ${op} ${op === 'in' ? list : b}`),
    fc
      .tuple(int, fc.array(int, { minLength: 1, maxLength: 3 }))
      .map(([a, list]) => `${a} in [${list.join(', ')}]`),
    fc
      .tuple(tie('bool'), fc.constantFrom('&&', '||'), tie('bool'))
      .map((parts) => `(${parts.join(' ')})`),
    tie('bool').map((a) => `!(${a})`),
    fc
      .tuple(strings, fc.constantFrom('exists', 'all'), tie('bool'))
      .map(([list, op, body]) => `${list}.${op}(v, v in member.tags || ${body})`),
    fc
      .tuple(fc.array(int, { minLength: 1, maxLength: 3 }), fc.constantFrom('exists', 'all'), int)
      .map(([list, op, a]) => `[${list.join(', ')}].${op}(n, n < ${a})`),
  ),
})).bool;

const facts = fc.record({
  tags: fc.subarray(TAGS),
  tier: fc.constantFrom('gold', 'silver', '中文'),
  completedOrders: fc.integer({ min: 0, max: 30 }),
  isReturn: fc.boolean(),
  mugs: fc.integer({ min: 0, max: 5 }),
  cups: fc.integer({ min: 0, max: 5 }),
  price: fc.integer({ min: 0, max: 900_000_000 }),
});
type Facts = typeof facts extends fc.Arbitrary<infer T> ? T : never;

/** Our side: facts of a basket whose two selectors choose one line each. */
function ours(drawn: Facts) {
  const lines = [drawn.mugs, drawn.cups].flatMap((qty, index) =>
    qty === 0 ? [] : [{ sku: SELECTORS[index], qty, unitPriceMinor: drawn.price }],
  );
  const input = inputOf(lines, {
    member: memberOf({
      tier: drawn.tier,
      tags: drawn.tags,
      groups: ['t2'],
      completedOrders: drawn.completedOrders,
    }),
    codes: ['x'],
    isReturn: drawn.isReturn,
  });
  const selected = (selector: number): number[] =>
    input.lines.flatMap((line, index) => (line.sku === SELECTORS[selector] ? [index] : []));
  return conditionFacts(input, basketState(input.lines), selected);
}

/** The reference side: the same facts as CEL variables and functions. */
function reference(drawn: Facts) {
  const big = BigInt;
  const qtyOf = (name: string): number => (name === 'mugs' ? drawn.mugs : drawn.cups);
  const total = (drawn.mugs + drawn.cups) * drawn.price;
  const any = mapType(CelScalar.STRING, CelScalar.DYN);
  const env = celEnv({
    variables: {
      member: any,
      basket: any,
      store: any,
      now: any,
      codes: listType(CelScalar.STRING),
    },
    funcs: [
      celFunc('qty', [CelScalar.STRING], CelScalar.INT, (name) => big(qtyOf(name))),
      celFunc('listMinor', [CelScalar.STRING], CelScalar.INT, (name) =>
        big(qtyOf(name) * drawn.price),
      ),
      celFunc('hasLines', [CelScalar.STRING], CelScalar.BOOL, (name) => qtyOf(name) > 0),
    ],
  });
  const bindings = {
    member: new Map<string, unknown>([
      ['known', true],
      ['tier', drawn.tier],
      ['tags', drawn.tags],
      ['groups', ['t2']],
      ['completedOrders', big(drawn.completedOrders)],
    ]),
    basket: new Map<string, unknown>([
      ['listMinor', big(total)],
      ['runningMinor', big(total)],
      ['qty', big(drawn.mugs + drawn.cups)],
      ['channel', 'store'],
      ['isReturn', drawn.isReturn],
    ]),
    store: new Map<string, unknown>([['id', 'S1']]),
    now: new Map<string, unknown>([['weekday', 6n]]),
    codes: ['x'],
  };
  return (text: string): unknown =>
    (plan(env, parse(text)) as (context: unknown) => unknown)(bindings);
}

function checked(text: string): Condition | null {
  return checkCondition(parse(text), new Set(SELECTORS)).condition;
}
const selector = (name: string): number => SELECTORS.indexOf(name);

describe('closures compiled from the checked tree', () => {
  test(`agree with @bufbuild/cel on ${EXPRESSIONS} random expressions of the profile`, () => {
    let compared = 0;
    fc.assert(
      fc.property(bool, facts, (text, drawn) => {
        const tree = checked(text);
        fc.pre(tree !== null);
        const expected = reference(drawn)(text);
        if (isCelError(expected)) throw expected;
        expect(compileCondition(tree, selector)(ours(drawn))).toBe(expected);
        compared += 1;
      }),
      { numRuns: EXPRESSIONS, maxSkipsPerRun: 1_000 },
    );
    expect(compared).toBe(EXPRESSIONS);
  });

  test('agree after the tree was split into terms with negations moved inwards', () => {
    fc.assert(
      fc.property(bool, facts, (text, drawn) => {
        const tree = checked(text);
        fc.pre(tree !== null);
        const seen = ours(drawn);
        const whole = compileCondition(tree, selector)(seen);
        expect(conjuncts(tree).every((term) => compileCondition(term, selector)(seen))).toBe(whole);
      }),
      { numRuns: 200, maxSkipsPerRun: 1_000 },
    );
  });

  test('the text of a tree parses to the same tree', () => {
    fc.assert(
      fc.property(bool, (text) => {
        const tree = checked(text);
        fc.pre(tree !== null);
        expect(checked(conditionText(tree))).toEqual(tree);
      }),
      { numRuns: 300, maxSkipsPerRun: 1_000 },
    );
  });
});

describe('the range proof', () => {
  test('refuses what the reference evaluator finds to overflow for some input', () => {
    fc.assert(
      fc.property(int, facts, (text, drawn) => {
        const value = reference(drawn)(text);
        if (isCelError(value)) expect(checked(`${text} == 0`)).toBeNull();
      }),
      { numRuns: 300 },
    );
  });

  test('bounds every value that the reference evaluator computes', () => {
    fc.assert(
      fc.property(int, facts, (text, drawn) => {
        const tree = checked(`${text} == 0`);
        fc.pre(tree?.op === 'eq');
        const range = intRange(tree.op === 'eq' ? tree.left : tree);
        if ('overflow' in range) throw new Error('a checked expression cannot overflow');
        const value = reference(drawn)(text) as bigint;
        expect(value >= range.min && value <= range.max).toBe(true);
      }),
      { numRuns: 300, maxSkipsPerRun: 1_000 },
    );
  });
});
