import {
  CONDITION_MAX_DEPTH,
  CONDITION_MAX_NODES,
  CONDITION_MAX_QUANTIFIERS,
  type Condition,
  type QuantifierNode,
} from '../../../contract/condition.ts';
import { ownValue } from '../own-value.ts';
import { childrenOf } from './conjuncts.ts';
import { AGGREGATES, type ProfileType, VARIABLES } from './environment.ts';
import { intRange } from './int-range.ts';

type NodeType = ProfileType | 'list<bool>';
type Typed = { readonly type: NodeType } | { readonly fault: string };
/** The lists that the quantifiers around a node range over, by the name they bind. */
type Bound = ReadonlyMap<string, Condition>;

/**
 * Limits of a published tree: those of a condition as written, and room for what the publisher adds to it (the code of a
 * coupon, negations moved inwards, guards of facts that may be unknown).
 */
export const TREE_MAX_DEPTH = CONDITION_MAX_DEPTH + 4;
export const TREE_MAX_NODES = CONDITION_MAX_NODES * 4;

const BOOL: Typed = { type: 'bool' };
const INT: Typed = { type: 'int' };

/**
 * Why the publisher cannot have made this tree, or null where it can: size, depth, names, types and the proof that no
 * integer leaves 64 bits. A till compiles only trees without a fault; its closures trust every one of these.
 * @param selectors names under the rule's `select`
 */
export function conditionFault(node: Condition, selectors: ReadonlySet<string>): string | null {
  const size = sizeFault(node);
  if (size !== null) return size;
  const typed = typeOf(node, new Map(), selectors);
  if ('fault' in typed) return typed.fault;
  return typed.type === 'bool' ? null : `the condition is a ${typed.type}, not a bool`;
}

/** Without recursion: it guards everything that recurses. */
function sizeFault(root: Condition): string | null {
  let nodes = 0;
  let level: readonly Condition[] = [root];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > TREE_MAX_DEPTH) return `the condition nests deeper than ${TREE_MAX_DEPTH}`;
    nodes += level.length;
    if (nodes > TREE_MAX_NODES) return `the condition has more than ${TREE_MAX_NODES} nodes`;
    level = level.flatMap(childrenOf);
  }
  return null;
}

function typeOf(node: Condition, bound: Bound, selectors: ReadonlySet<string>): Typed {
  switch (node.op) {
    case 'bool':
      return BOOL;
    case 'string':
      return { type: 'string' };
    case 'int':
      return typeOfInt(node.value);
    case 'var':
    case 'has': {
      const row = ownValue(VARIABLES, node.name);
      if (row === undefined) return { fault: `there is no variable ${node.name}` };
      return node.op === 'has' ? BOOL : { type: row.type };
    }
    case 'local': {
      const list = bound.get(node.name);
      if (list === undefined) return { fault: `nothing binds ${node.name}` };
      const typed = typeOf(list, bound, selectors);
      return 'type' in typed && typed.type === 'list<int>' ? INT : { type: 'string' };
    }
    case 'call': {
      const row = ownValue(AGGREGATES, node.name);
      if (row === undefined) return { fault: `there is no function ${node.name}` };
      if (!selectors.has(node.selector)) return { fault: `select names no ${node.selector}` };
      return { type: row.type };
    }
    case 'exists':
    case 'all':
      return typeOfQuantifier(node, bound, selectors);
    default:
      return typeOfOperator(node, bound, selectors);
  }
}

function typeOfInt(value: number | string): Typed {
  const exact = typeof value === 'number' ? value : Number(value);
  // Closures take a text for an integer beyond 2^53 and a number for any other.
  if (Number.isSafeInteger(exact) !== (typeof value === 'number')) {
    return { fault: `the integer ${value} is not written as the publisher writes it` };
  }
  return withinRange({ op: 'int', value }, new Map());
}

type OperatorNode = Exclude<
  Condition,
  QuantifierNode | { readonly op: 'bool' | 'string' | 'int' | 'var' | 'has' | 'local' | 'call' }
>;

function typeOfOperator(node: OperatorNode, bound: Bound, selectors: ReadonlySet<string>): Typed {
  const types: NodeType[] = [];
  for (const child of childrenOf(node)) {
    const typed = typeOf(child, bound, selectors);
    if ('fault' in typed) return typed;
    types.push(typed.type);
  }
  const [first, second] = types;
  const all = (type: NodeType): boolean => types.every((one) => one === type);
  switch (node.op) {
    case 'list': {
      if (first !== 'bool' && first !== 'int' && first !== 'string') break;
      return all(first) ? { type: `list<${first}>` } : { fault: 'a list has elements of one type' };
    }
    case 'not':
    case 'and':
    case 'or':
      if (all('bool')) return BOOL;
      break;
    case 'neg':
    case 'add':
    case 'sub':
    case 'mul':
      if (all('int')) return withinRange(node, bound);
      break;
    case 'in':
      if (second === `list<${first}>`) return BOOL;
      break;
    case 'eq':
    case 'ne':
      if (first === second && !first?.startsWith('list')) return BOOL;
      break;
    default:
      if (all('int')) return BOOL;
  }
  return { fault: `${node.op} cannot take ${types.join(', ') || 'nothing'}` };
}

function withinRange(node: Condition, bound: Bound): Typed {
  return 'overflow' in intRange(node, bound) ? { fault: `${node.op} can leave 64 bits` } : INT;
}

function typeOfQuantifier(
  node: QuantifierNode,
  bound: Bound,
  selectors: ReadonlySet<string>,
): Typed {
  if (bound.size >= CONDITION_MAX_QUANTIFIERS) {
    return { fault: `more than ${CONDITION_MAX_QUANTIFIERS} of exists and all inside one another` };
  }
  if (bound.has(node.name) || Object.hasOwn(VARIABLES, node.name)) {
    return { fault: `the name ${node.name} is bound twice` };
  }
  const over = typeOf(node.over, bound, selectors);
  if ('fault' in over) return over;
  if (over.type !== 'list<string>' && over.type !== 'list<int>') {
    return { fault: `${node.op} cannot range over ${over.type}` };
  }
  const inner = new Map(bound).set(node.name, node.over);
  const body = typeOf(node.body, inner, selectors);
  if ('fault' in body) return body;
  return body.type === 'bool' ? BOOL : { fault: `${node.op} needs a bool, not ${body.type}` };
}
