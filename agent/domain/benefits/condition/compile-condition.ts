import type {
  ArithmeticNode,
  Comparison,
  Condition,
  QuantifierNode,
} from '../../../contract/condition.ts';
import { assert } from '../../../contract/result.ts';
import type { ConditionFacts } from './condition-facts.ts';
import { childrenOf } from './conjuncts.ts';
import { aggregate, variable } from './environment.ts';
import { INT64_MAX, INT64_MIN, intRange, isSafe } from './int-range.ts';

/** Values of the variables that quantifiers bind, innermost last. */
type Locals = readonly (string | number | bigint | boolean)[];
type Value = boolean | number | bigint | string | readonly (boolean | number | bigint | string)[];
type Closure<T extends Value = Value> = (facts: ConditionFacts, locals: Locals) => T;
export type Test = (facts: ConditionFacts) => boolean;

/** What the compiler knows while it walks down. */
interface Scope {
  /** Index of a selector name in the rule set's table. */
  readonly selector: (name: string) => number;
  /** Names bound by quantifiers, outermost first, with the list each ranges over. */
  readonly bound: readonly { readonly name: string; readonly over: Condition }[];
}

const NO_LOCALS: Locals = [];

/**
 * Turns a checked tree into a closure. Integers are plain numbers where the range proof keeps them within 2^53 and
 * BigInt elsewhere.
 * @param selector index of a named selector of the rule
 */
export function compileCondition(node: Condition, selector: (name: string) => number): Test {
  const closure = compileBool(node, { selector, bound: [] });
  return (facts) => closure(facts, NO_LOCALS);
}

/** The value of an integer, string or boolean expression, for explanations. */
export function compileValue(
  node: Condition,
  selector: (name: string) => number,
): (facts: ConditionFacts) => Value {
  const closure = compile(node, { selector, bound: [] });
  return (facts) => closure(facts, NO_LOCALS);
}

function compileBool(node: Condition, scope: Scope): Closure<boolean> {
  const closure = compile(node, scope);
  return closure as Closure<boolean>;
}

function compile(node: Condition, scope: Scope): Closure {
  switch (node.op) {
    case 'bool':
    case 'string': {
      const { value } = node;
      return () => value;
    }
    case 'int': {
      const value = typeof node.value === 'number' ? node.value : BigInt(node.value);
      return () => value;
    }
    case 'list':
      return compileList(node.items, scope);
    case 'var': {
      const { read } = variable(node.name);
      return (facts) => read(facts);
    }
    case 'call': {
      const { read } = aggregate(node.name);
      const index = scope.selector(node.selector);
      return (facts) => read(facts, index);
    }
    case 'local': {
      const depth = scope.bound.findLastIndex((bound) => bound.name === node.name);
      assert(depth >= 0, `unbound variable ${node.name}`);
      return (_facts, locals) => locals[depth] as Value;
    }
    case 'has': {
      const { given } = variable(node.name);
      return (facts) => given(facts);
    }
    case 'not': {
      const arg = compileBool(node.arg, scope);
      return (facts, locals) => !arg(facts, locals);
    }
    case 'and':
    case 'or':
      return compileLogic(node.op, node.args, scope);
    case 'exists':
    case 'all':
      return compileQuantifier(node, scope);
    case 'neg':
      return compileNegation(node, compile(node.arg, scope) as Closure<number>, scope);
    case 'add':
    case 'sub':
    case 'mul':
      return compileArithmetic(node, scope);
    case 'in':
      return compileIn(node.left, node.right, scope);
    default:
      return compileComparison(node.op, node.left, node.right, scope);
  }
}

function compileList(items: readonly Condition[], scope: Scope): Closure {
  const parts = items.map((item) => compile(item, scope));
  if (items.every((item) => item.op === 'string' || item.op === 'int' || item.op === 'bool')) {
    const constant = items.map((item) =>
      item.op === 'int' ? toInt(item.value) : (item as { value: string | boolean }).value,
    );
    return () => constant;
  }
  return (facts, locals) =>
    parts.map((part) => part(facts, locals) as string | number | bigint | boolean);
}

function compileLogic(
  op: 'and' | 'or',
  args: readonly Condition[],
  scope: Scope,
): Closure<boolean> {
  const parts = args.map((arg) => compileBool(arg, scope));
  const [a, b] = parts;
  if (parts.length === 2 && a !== undefined && b !== undefined) {
    if (op === 'and') return (facts, locals) => a(facts, locals) && b(facts, locals);
    return (facts, locals) => a(facts, locals) || b(facts, locals);
  }
  if (op === 'and') return (facts, locals) => parts.every((part) => part(facts, locals));
  return (facts, locals) => parts.some((part) => part(facts, locals));
}

function compileQuantifier(node: QuantifierNode, scope: Scope): Closure<boolean> {
  const over = compile(node.over, scope) as Closure<readonly (string | number)[]>;
  const body = compileBool(node.body, {
    ...scope,
    bound: [...scope.bound, { name: node.name, over: node.over }],
  });
  if (node.op === 'exists') {
    return (facts, locals) => over(facts, locals).some((value) => body(facts, [...locals, value]));
  }
  return (facts, locals) => over(facts, locals).every((value) => body(facts, [...locals, value]));
}

function compileNegation(
  node: Condition,
  arg: Closure<number>,
  scope: Scope,
): Closure<number | bigint> {
  // `0 -` keeps JavaScript's negative zero out.
  if (isNumber(node, scope)) return (facts, locals) => 0 - arg(facts, locals);
  return (facts, locals) => within64(-BigInt(arg(facts, locals)));
}

function compileArithmetic(node: ArithmeticNode, scope: Scope): Closure<number | bigint> {
  const { op } = node;
  const left = compile(node.left, scope) as Closure<number>;
  const right = compile(node.right, scope) as Closure<number>;
  if (!isNumber(node, scope)) {
    return (facts, locals) =>
      within64(bigOf(op, BigInt(left(facts, locals)), BigInt(right(facts, locals))));
  }
  switch (op) {
    case 'add':
      return (facts, locals) => left(facts, locals) + right(facts, locals);
    case 'sub':
      return (facts, locals) => left(facts, locals) - right(facts, locals);
    case 'mul':
      return (facts, locals) => left(facts, locals) * right(facts, locals) + 0;
  }
}

function bigOf(op: 'add' | 'sub' | 'mul', left: bigint, right: bigint): bigint {
  if (op === 'add') return left + right;
  return op === 'sub' ? left - right : left * right;
}

function compileIn(item: Condition, list: Condition, scope: Scope): Closure<boolean> {
  if (list.op === 'var') {
    const { readSet } = variable(list.name);
    if (readSet !== undefined) {
      if (item.op === 'string') {
        const { value } = item;
        return (facts) => readSet(facts).has(value);
      }
      const value = compile(item, scope) as Closure<string>;
      return (facts, locals) => readSet(facts).has(value(facts, locals));
    }
  }
  const value = compile(item, scope);
  if (list.op === 'list' && list.items.every((entry) => entry.op === 'string')) {
    const set = new Set(list.items.map((entry) => (entry as { value: string }).value));
    return (facts, locals) => set.has(value(facts, locals) as string);
  }
  const values = compile(list, scope) as Closure<readonly (string | number | bigint)[]>;
  return (facts, locals) => {
    const wanted = value(facts, locals);
    return values(facts, locals).some((entry) => same(entry, wanted));
  };
}

function compileComparison(
  op: Exclude<Comparison, 'in'>,
  leftNode: Condition,
  rightNode: Condition,
  scope: Scope,
): Closure<boolean> {
  const left = compile(leftNode, scope) as Closure<number>;
  const right = compile(rightNode, scope) as Closure<number>;
  // JavaScript orders numbers and BigInts by their mathematical value, so mixed pairs need no conversion.
  switch (op) {
    case 'eq':
      return (facts, locals) => same(left(facts, locals), right(facts, locals));
    case 'ne':
      return (facts, locals) => !same(left(facts, locals), right(facts, locals));
    case 'lt':
      return (facts, locals) => left(facts, locals) < right(facts, locals);
    case 'le':
      return (facts, locals) => left(facts, locals) <= right(facts, locals);
    case 'gt':
      return (facts, locals) => left(facts, locals) > right(facts, locals);
    case 'ge':
      return (facts, locals) => left(facts, locals) >= right(facts, locals);
  }
}

function same(left: Value, right: Value): boolean {
  if (typeof left === typeof right) return left === right;
  return BigInt(left as number) === BigInt(right as number);
}

/** Whether an integer expression is computed in plain numbers: it and every part of it provably stay within 2^53. */
function isNumber(node: Condition, scope: Scope): boolean {
  const range = intRange(node, new Map(scope.bound.map((bound) => [bound.name, bound.over])));
  assert(!('overflow' in range), 'a condition that can overflow is never published');
  if (!isSafe(range)) return false;
  if (node.op !== 'local') return childrenOf(node).every((part) => isNumber(part, scope));
  const over = scope.bound.find((bound) => bound.name === node.name)?.over;
  return over?.op === 'list' && over.items.every((item) => isNumber(item, scope));
}

function toInt(value: number | string): number | bigint {
  return typeof value === 'number' ? value : BigInt(value);
}

function within64(value: bigint): bigint {
  assert(value >= INT64_MIN && value <= INT64_MAX, 'an integer of a condition left 64 bits');
  return value;
}
