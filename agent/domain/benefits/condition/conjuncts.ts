import type { Comparison, Condition } from '../../../contract/condition.ts';
import { aggregate, variable } from './environment.ts';

const OPPOSITE: Readonly<Record<Exclude<Comparison, 'in'>, Exclude<Comparison, 'in'>>> = {
  eq: 'ne',
  ne: 'eq',
  lt: 'ge',
  le: 'gt',
  gt: 'le',
  ge: 'lt',
};

/**
 * Splits a condition into the terms that must all hold. Negations move inwards so that each term says what is needed:
 * `!(a || b < 2)` becomes `!a` and `b >= 2`, and `!(a && b < 2)` the one term `!a || b >= 2`.
 */
export function conjuncts(node: Condition): Condition[] {
  const plain = positive(node);
  return plain.op === 'and' ? plain.args.flatMap(conjuncts) : [plain];
}

function positive(node: Condition): Condition {
  return node.op === 'not' ? negate(node.arg) : node;
}

function negate(node: Condition): Condition {
  switch (node.op) {
    case 'not':
      return positive(node.arg);
    case 'bool':
      return { op: 'bool', value: !node.value };
    case 'and':
      return { op: 'or', args: node.args.map(negate) };
    case 'or':
      return { op: 'and', args: node.args.map(negate) };
    case 'eq':
    case 'ne':
    case 'lt':
    case 'le':
    case 'gt':
    case 'ge':
      return { op: OPPOSITE[node.op], left: node.left, right: node.right };
    default:
      return { op: 'not', arg: node };
  }
}

/** The direct parts of a node. */
export function childrenOf(node: Condition): readonly Condition[] {
  switch (node.op) {
    case 'list':
      return node.items;
    case 'not':
    case 'neg':
      return [node.arg];
    case 'and':
    case 'or':
      return node.args;
    case 'exists':
    case 'all':
      return [node.over, node.body];
    case 'bool':
    case 'int':
    case 'string':
    case 'var':
    case 'local':
    case 'call':
    case 'has':
      return [];
    default:
      return [node.left, node.right];
  }
}

/** Whether a term reads amounts that change while the lanes run. */
export function isDynamic(node: Condition): boolean {
  if (node.op === 'var') return variable(node.name).dynamic === true;
  if (node.op === 'call') return aggregate(node.name).dynamic === true;
  return childrenOf(node).some(isDynamic);
}

/** The first row of the environment that a term reads, left to right. */
export function firstRead(
  node: Condition,
): Extract<Condition, { op: 'var' | 'call' | 'has' }> | undefined {
  if (node.op === 'var' || node.op === 'call' || node.op === 'has') return node;
  for (const child of childrenOf(node)) {
    const found = firstRead(child);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether a term reads a variable, or asks whether it is given, whose name fits. */
export function reads(node: Condition, fits: (name: string) => boolean): boolean {
  if ((node.op === 'var' || node.op === 'has') && fits(node.name)) return true;
  return childrenOf(node).some((child) => reads(child, fits));
}
