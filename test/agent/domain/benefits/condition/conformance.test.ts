import type { Expr } from '@bufbuild/cel-spec/cel/expr/syntax_pb.js';
import type { Value } from '@bufbuild/cel-spec/cel/expr/value_pb.js';
import {
  getConformanceSuite,
  type IncrementalTest,
  type IncrementalTestSuite,
} from '@bufbuild/cel-spec/testdata/tests.js';
import { describe, expect, test } from 'vitest';
import type { Condition } from '../../../../../agent/contract/condition.ts';
import { assert } from '../../../../../agent/contract/result.ts';
import { compileValue } from '../../../../../agent/domain/benefits/condition/compile-condition.ts';
import type { ConditionFacts } from '../../../../../agent/domain/benefits/condition/condition-facts.ts';
import { checkCondition } from '../../../../../sync/hq/publish/check-condition.ts';
import { parseCondition } from '../../../../../sync/hq/publish/parse-condition.ts';

/**
 * The published tests of the CEL specification, v0.25.1. Every expression goes through the publisher; what it lets pass
 * is compiled as a till does and must give the specified value, and what must fail by overflow must be refused.
 */
const SPEC = cases(getConformanceSuite(), []);

/** Literal expressions read nothing; whatever they did read would throw. */
const NO_FACTS = {} as ConditionFacts;

type Plain = boolean | bigint | string | readonly (boolean | bigint | string)[];
type Wanted = { readonly value: Plain } | { readonly error: true } | { readonly outside: string };

interface SpecCase {
  readonly name: string;
  readonly spec: IncrementalTest['original'];
}

function cases(suite: IncrementalTestSuite, path: readonly string[]): SpecCase[] {
  const here = suite.tests.map(({ name, original }) => ({
    name: [...path, name].join(' / '),
    spec: original,
  }));
  return [...here, ...suite.suites.flatMap((inner) => cases(inner, [...path, inner.name]))];
}

function wantedOf({ resultMatcher }: SpecCase['spec']): Wanted {
  switch (resultMatcher.case) {
    // "If there is no result matcher, the expression must give true."
    case undefined:
      return { value: true };
    case 'evalError':
      return { error: true };
    case 'value':
      return plain(resultMatcher.value);
    case 'typedResult': {
      const { result } = resultMatcher.value;
      return result === undefined ? { outside: 'only a type is wanted' } : plain(result);
    }
    default:
      return { outside: 'unknown results' };
  }
}

function plain({ kind }: Value): Wanted {
  switch (kind.case) {
    case 'boolValue':
    case 'stringValue':
      return { value: kind.value };
    case 'int64Value':
      return { value: BigInt(kind.value) };
    case 'listValue': {
      const items = kind.value.values.map(plain);
      const wrong = items.find((item) => !('value' in item) || Array.isArray(item.value));
      if (wrong !== undefined) return { outside: 'a list of other things' };
      return { value: items.map((item) => (item as { value: bigint }).value) };
    }
    default:
      return { outside: `a result of type ${kind.case?.replace('Value', '') ?? 'none'}` };
  }
}

/** A condition that holds the expression, and where in its tree the expression then stands. */
function within(text: string, wanted: Wanted): [string, (tree: Condition) => Condition] {
  const value = 'value' in wanted ? wanted.value : true;
  if (Array.isArray(value))
    return [`${literal(value[0] ?? 0n)} in (${text}\n)`, (tree) => part(tree, 'right')];
  if (typeof value === 'boolean') return [text, (tree) => tree];
  return [`(${text}\n) == ${literal(value as bigint | string)}`, (tree) => part(tree, 'left')];
}

function part(tree: Condition, side: 'left' | 'right'): Condition {
  assert(side in tree, 'a comparison has two sides');
  return (tree as { left: Condition; right: Condition })[side];
}

function literal(value: Plain): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

type Outcome =
  | { readonly ran: 'value'; readonly seen: unknown; readonly wanted: unknown }
  | { readonly ran: 'refused' }
  | { readonly outside: string };

function run({ spec }: SpecCase): Outcome {
  const wanted = wantedOf(spec);
  if ('outside' in wanted) return wanted;
  if (spec.container !== '') return { outside: 'names in a container' };
  if (spec.disableMacros) return { outside: 'macros are switched off' };
  const [text, place] = within(spec.expr, wanted);
  const parsed = parseCondition(text);
  if (!parsed.ok) return { outside: 'syntax of extensions, or too long' };
  bind(parsed.value.expr, constants(spec));
  const checked = checkCondition(parsed.value, new Set());
  const [problem] = checked.problems;
  if (problem === undefined) {
    assert(checked.condition !== null, 'without a problem there is a tree');
    const seen = compileValue(place(checked.condition), () => 0)(NO_FACTS);
    return {
      ran: 'value',
      seen: exact(seen),
      wanted: 'error' in wanted ? 'an error' : wanted.value,
    };
  }
  if (problem.code !== 'condition-overflow') return { outside: why(problem) };
  return 'error' in wanted
    ? { ran: 'refused' }
    : { ran: 'value', seen: 'refused as an overflow', wanted: wanted.value };
}

/** The publisher's reason, without what is particular to one expression. */
function why({ code, message }: { code: string; message: { en: string } }): string {
  const known = / is outside the profile: .*$/;
  return code === 'not-in-profile'
    ? message.en.replace(known, '').replace(/^\.\w+\(\)$/, 'methods')
    : code === 'condition-type'
      ? message.en
      : code;
}

/** Numbers and BigInts are one type to CEL. */
function exact(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(exact);
  return typeof value === 'number' ? BigInt(value) : value;
}

/** The variables of a test that a literal can stand for. */
function constants({ bindings }: SpecCase['spec']): Map<string, Expr> {
  const found = new Map<string, Expr>();
  for (const [name, { kind }] of Object.entries(bindings)) {
    if (kind.case !== 'value') continue;
    const value = plain(kind.value);
    const parsed = 'value' in value ? parseCondition(literal(value.value)) : undefined;
    if (parsed?.ok && parsed.value.expr !== undefined) found.set(name, parsed.value.expr);
  }
  return found;
}

/** Puts the literals in place of the variables. */
function bind(expr: Expr | undefined, values: ReadonlyMap<string, Expr>): void {
  if (expr === undefined || values.size === 0) return;
  const { exprKind } = expr;
  const each = (...parts: (Expr | undefined)[]): void => {
    for (const inner of parts) bind(inner, values);
  };
  switch (exprKind.case) {
    case 'identExpr':
      expr.exprKind = values.get(exprKind.value.name)?.exprKind ?? exprKind;
      return;
    case 'selectExpr':
      return each(exprKind.value.operand);
    case 'callExpr':
      return each(exprKind.value.target, ...exprKind.value.args);
    case 'listExpr':
      return each(...exprKind.value.elements);
    case 'comprehensionExpr': {
      const { iterVar, iterRange, loopStep } = exprKind.value;
      each(iterRange);
      return bind(loopStep, new Map([...values].filter(([name]) => name !== iterVar)));
    }
    default:
      return;
  }
}

describe('the published tests of the CEL specification', () => {
  test('within the profile all pass, and the others are outside for a reason', () => {
    const outside: Record<string, number> = {};
    const failures: unknown[] = [];
    let [values, refused] = [0, 0];
    for (const one of SPEC) {
      const outcome = run(one);
      if ('outside' in outcome) outside[outcome.outside] = (outside[outcome.outside] ?? 0) + 1;
      else if (outcome.ran === 'refused') refused += 1;
      else {
        values += 1;
        const same = JSON.stringify(text(outcome.seen)) === JSON.stringify(text(outcome.wanted));
        if (!same) failures.push({ name: one.name, expr: one.spec.expr, ...outcome });
      }
    }
    const counts = { tests: SPEC.length, values, refused };
    console.info('CEL specification tests', { ...counts, outside });
    expect(failures).toEqual([]);
    // A publisher that refused more would run fewer, and this would pass without it.
    expect(counts).toEqual({ tests: 2344, values: 188, refused: 8 });
  });
});

/** Comparable, with the type kept. */
function text(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(text);
  return typeof value === 'bigint' ? `${value} (int)` : value;
}
