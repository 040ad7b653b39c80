import type { Comparison, Condition } from '../../../../agent/contract/condition.ts';
import { conditionText } from '../../../../agent/domain/benefits/condition/condition-text.ts';
import { aggregate, variable } from '../../../../agent/domain/benefits/condition/environment.ts';
import {
  FALSE,
  intersect,
  ints,
  isEmpty,
  isWithin,
  TRUE,
  textIn,
  textNotIn,
  type ValueSet,
  without,
} from './value-set.ts';

/** Ways in which one condition may hold that are looked at; a condition with more is reasoned about more coarsely. */
export const WORLDS_MAX = 64;

/** One way for a condition to hold: what each fact must be. Facts that are not named may be anything. */
export type World = ReadonlyMap<string, ValueSet>;

/** All ways for a condition to hold. */
export interface Worlds {
  readonly worlds: readonly World[];
  /** False where something was left out, so that more is let through than the condition lets through. */
  readonly exact: boolean;
}

export const EVERYWHERE: Worlds = { worlds: [new Map()], exact: true };
const NOWHERE: Worlds = { worlds: [], exact: true };
const ANYWHERE_MAYBE: Worlds = { worlds: [new Map()], exact: false };

/**
 * Splits a checked condition into the ways in which it can hold. A term that compares one fact with constants becomes a
 * set of values; any other term becomes a fact of its own, true or false, known by its text.
 */
export function worldsOf(node: Condition, negated = false): Worlds {
  switch (node.op) {
    case 'not':
      return worldsOf(node.arg, !negated);
    case 'and':
    case 'or': {
      const parts = node.args.map((arg) => worldsOf(arg, negated));
      return (node.op === 'and') === negated ? either(parts) : parts.reduce(both, EVERYWHERE);
    }
    case 'bool':
      return node.value === negated ? NOWHERE : EVERYWHERE;
    default: {
      const [fact, values] = term(node, negated);
      return { worlds: [new Map([[fact, values]])], exact: true };
    }
  }
}

/** Where both hold. */
export function both(a: Worlds, b: Worlds): Worlds {
  if (a.worlds.length * b.worlds.length > WORLDS_MAX) {
    const smaller = a.worlds.length <= b.worlds.length ? a : b;
    return { worlds: smaller.worlds, exact: false };
  }
  const worlds = a.worlds.flatMap((one) =>
    b.worlds.flatMap((other) => {
      const merged = merge(one, other);
      return merged === null ? [] : [merged];
    }),
  );
  return { worlds, exact: a.exact && b.exact };
}

/** Whether the condition of `a` can only hold where that of `b` does. False also where that cannot be told. */
export function implies(a: Worlds, b: Worlds): boolean {
  if (!b.exact) return false;
  return a.worlds.every((one) =>
    b.worlds.some((other) =>
      [...other].every(([fact, values]) => {
        const seen = one.get(fact);
        return seen !== undefined && isWithin(seen, values);
      }),
    ),
  );
}

/** Where these facts, and only they, are asked for. */
export function where(facts: Readonly<Record<string, ValueSet>>): Worlds {
  return { worlds: [new Map(Object.entries(facts))], exact: true };
}

function either(parts: readonly Worlds[]): Worlds {
  const worlds = parts.flatMap((part) => part.worlds);
  if (worlds.length > WORLDS_MAX) return ANYWHERE_MAYBE;
  return { worlds, exact: parts.every((part) => part.exact) };
}

/** null where the two contradict each other. */
function merge(a: World, b: World): World | null {
  const merged = new Map(a);
  for (const [fact, values] of b) {
    const before = merged.get(fact);
    const after = before === undefined ? values : intersect(before, values);
    if (isEmpty(after)) return null;
    merged.set(fact, after);
  }
  return merged;
}

function term(node: Condition, negated: boolean): [string, ValueSet] {
  const plain = comparisonTerm(node, negated);
  if (plain !== null) return plain;
  if (node.op === 'has') {
    if (node.name === 'member.tier') return [node.name, negated ? textIn(['']) : textNotIn([''])];
    if (node.name.startsWith('member.')) return ['member.known', negated ? FALSE : TRUE];
  }
  return [conditionText(node), negated ? FALSE : TRUE];
}

const OPPOSITE = { eq: 'ne', ne: 'eq', lt: 'ge', le: 'gt', gt: 'le', ge: 'lt' } as const;
const MIRROR = { lt: 'gt', le: 'ge', gt: 'lt', ge: 'le', eq: 'eq', ne: 'ne' } as const;

function comparisonTerm(node: Condition, negated: boolean): [string, ValueSet] | null {
  if (node.op === 'in') return membership(node.left, node.right, negated);
  if (!isComparison(node)) return null;
  const swap = constantOf(node.left) !== null;
  const fact = swap ? node.right : node.left;
  const value = constantOf(swap ? node.left : node.right);
  if (value === null || (fact.op !== 'var' && fact.op !== 'call')) return null;
  const asked = swap ? MIRROR[node.op] : node.op;
  const op = negated ? OPPOSITE[asked] : asked;
  const name = conditionText(fact);
  if (typeof value === 'string') {
    if (op !== 'eq' && op !== 'ne') return null;
    return [name, op === 'eq' ? textIn([value]) : textNotIn([value])];
  }
  const [least, most] = rangeOf(fact);
  switch (op) {
    case 'eq':
      return [name, intersect(ints([value, value]), ints([least, most]))];
    case 'ne':
      return [name, without([least, most], [value])];
    case 'ge':
      return [name, ints([Math.max(least, value), most])];
    case 'gt':
      return [name, ints([Math.max(least, value + 1), most])];
    case 'le':
      return [name, ints([least, Math.min(most, value)])];
    case 'lt':
      return [name, ints([least, Math.min(most, value - 1)])];
  }
}

function membership(item: Condition, list: Condition, negated: boolean): [string, ValueSet] | null {
  if (item.op !== 'var' || list.op !== 'list') return null;
  const values = list.items.map(constantOf);
  if (values.every((value) => typeof value === 'string'))
    return [item.name, negated ? textNotIn(values) : textIn(values)];
  if (!values.every((value) => typeof value === 'number')) return null;
  const range = rangeOf(item);
  const found = ints(...values.map((value) => [value, value] as const));
  return [item.name, negated ? without(range, values) : intersect(found, ints(range))];
}

function isComparison(
  node: Condition,
): node is Extract<Condition, { op: Comparison }> & { op: Exclude<Comparison, 'in'> } {
  return Object.hasOwn(OPPOSITE, node.op);
}

function constantOf(node: Condition): string | number | null {
  switch (node.op) {
    case 'string':
      return node.value;
    case 'bool':
      return node.value ? 1 : 0;
    case 'int': {
      const value = Number(node.value);
      return Number.isSafeInteger(value) ? value : null;
    }
    case 'neg': {
      const value = constantOf(node.arg);
      return typeof value === 'number' ? -value : null;
    }
    default:
      return null;
  }
}

function rangeOf(fact: Extract<Condition, { op: 'var' | 'call' }>): readonly [number, number] {
  const row = fact.op === 'var' ? variable(fact.name) : aggregate(fact.name);
  return row.range ?? [0, 1];
}
