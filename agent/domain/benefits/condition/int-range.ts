import type { Condition } from '../../../contract/condition.ts';
import { assert } from '../../../contract/result.ts';
import { aggregate, variable } from './environment.ts';

export const INT64_MIN = -(2n ** 63n);
export const INT64_MAX = 2n ** 63n - 1n;
const SAFE = 2n ** 53n - 1n;

export interface IntRange {
  readonly min: bigint;
  readonly max: bigint;
}
/** The operator whose result can leave 64 bits. */
export interface Overflow {
  readonly overflow: Condition;
}

/**
 * The interval in which an integer expression lies for every possible input, by interval arithmetic over the ranges
 * of the environment table. `overflow` where some input would leave 64 bits: such a condition is not published, so
 * a till never meets one.
 */
export function intRange(
  node: Condition,
  locals: ReadonlyMap<string, Condition> = new Map(),
): IntRange | Overflow {
  switch (node.op) {
    case 'int':
      return fit(node, BigInt(node.value), BigInt(node.value));
    case 'var':
      return ofRow(variable(node.name).range);
    case 'call':
      return ofRow(aggregate(node.name).range);
    case 'local': {
      const list = locals.get(node.name);
      assert(
        list?.op === 'list',
        'integers are only listed in place; the environment has no list of them',
      );
      return ofItems(list.items, locals);
    }
    case 'neg': {
      const inner = intRange(node.arg, locals);
      return 'overflow' in inner ? inner : fit(node, -inner.max, -inner.min);
    }
    case 'add':
    case 'sub':
    case 'mul': {
      const left = intRange(node.left, locals);
      if ('overflow' in left) return left;
      const right = intRange(node.right, locals);
      if ('overflow' in right) return right;
      return combine(node, node.op, left, right);
    }
    default:
      throw new Error(`broken invariant: ${node.op} is no integer expression`);
  }
}

/** Whether plain numbers compute the expression exactly: it and all its parts stay within 2^53. */
export function isSafe(range: IntRange): boolean {
  return range.min >= -SAFE && range.max <= SAFE;
}

function combine(
  node: Condition,
  op: 'add' | 'sub' | 'mul',
  left: IntRange,
  right: IntRange,
): IntRange | Overflow {
  if (op === 'add') return fit(node, left.min + right.min, left.max + right.max);
  if (op === 'sub') return fit(node, left.min - right.max, left.max - right.min);
  const corners = [
    left.min * right.min,
    left.min * right.max,
    left.max * right.min,
    left.max * right.max,
  ];
  let [min, max] = [corners[0] ?? 0n, corners[0] ?? 0n];
  for (const corner of corners) {
    if (corner < min) min = corner;
    if (corner > max) max = corner;
  }
  return fit(node, min, max);
}

function ofRow(range: readonly [number, number] | undefined): IntRange {
  if (range === undefined)
    throw new Error('broken invariant: an integer of the environment has no range');
  return { min: BigInt(range[0]), max: BigInt(range[1]) };
}

function ofItems(
  items: readonly Condition[],
  locals: ReadonlyMap<string, Condition>,
): IntRange | Overflow {
  let whole: IntRange | undefined;
  for (const item of items) {
    const range = intRange(item, locals);
    if ('overflow' in range) return range;
    if (whole === undefined) whole = range;
    else
      whole = {
        min: whole.min < range.min ? whole.min : range.min,
        max: whole.max > range.max ? whole.max : range.max,
      };
  }
  return whole ?? { min: 0n, max: 0n };
}

function fit(node: Condition, min: bigint, max: bigint): IntRange | Overflow {
  return min < INT64_MIN || max > INT64_MAX ? { overflow: node } : { min, max };
}
