import type { Condition } from '../../../contract/condition.ts';

const SYMBOLS: Readonly<Record<string, string>> = {
  eq: '==',
  ne: '!=',
  lt: '<',
  le: '<=',
  gt: '>',
  ge: '>=',
  in: 'in',
  add: '+',
  sub: '-',
  mul: '*',
};
const LEVEL: Readonly<Record<string, number>> = {
  or: 1,
  and: 2,
  eq: 3,
  ne: 3,
  lt: 3,
  le: 3,
  gt: 3,
  ge: 3,
  in: 3,
  add: 4,
  sub: 4,
  mul: 5,
  not: 6,
  neg: 6,
};
const ATOM = 7;

/** The CEL text of a condition tree, with the fewest brackets that keep its meaning. */
export function conditionText(node: Condition): string {
  switch (node.op) {
    case 'bool':
      return String(node.value);
    case 'int':
      return String(node.value);
    case 'string':
      return JSON.stringify(node.value);
    case 'list':
      return `[${node.items.map(conditionText).join(', ')}]`;
    case 'var':
    case 'local':
      return node.name;
    case 'call':
      return `${node.name}(${JSON.stringify(node.selector)})`;
    case 'has':
      return `has(${node.name})`;
    case 'not':
      return `!${inner(node.arg, LEVEL['not'] ?? 0)}`;
    case 'neg':
      return `-${node.arg.op === 'int' ? `(${conditionText(node.arg)})` : inner(node.arg, ATOM)}`;
    case 'and':
    case 'or': {
      const level = (LEVEL[node.op] ?? 0) + 1;
      return node.args.map((arg) => inner(arg, level)).join(node.op === 'and' ? ' && ' : ' || ');
    }
    case 'exists':
    case 'all':
      return `${inner(node.over, ATOM)}.${node.op}(${node.name}, ${conditionText(node.body)})`;
    default: {
      const level = LEVEL[node.op] ?? 0;
      // Comparisons do not chain and arithmetic groups to the left, so the right side needs one level more.
      const leftLevel = level === 3 ? level + 1 : level;
      return `${inner(node.left, leftLevel)} ${SYMBOLS[node.op] ?? node.op} ${inner(node.right, level + 1)}`;
    }
  }
}

function inner(node: Condition, least: number): string {
  const text = conditionText(node);
  return (LEVEL[node.op] ?? ATOM) < least ? `(${text})` : text;
}
