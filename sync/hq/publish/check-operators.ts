import type { Arithmetic, Comparison, Condition } from '../../../agent/contract/condition.ts';
import { AGGREGATES } from '../../../agent/domain/benefits/condition/environment.ts';
import { intRange } from '../../../agent/domain/benefits/condition/int-range.ts';
import { ownValue } from '../../../agent/domain/benefits/own-value.ts';
import type { CelCall, CheckContext, Checked, Scope } from './check-context.ts';
import type { CelExpr } from './parse-condition.ts';

type Args = readonly CelExpr[];

// Maps, not objects: a function named like a property of every object must stay unknown.
const COMPARISONS = new Map<string, Comparison>([
  ['_==_', 'eq'],
  ['_!=_', 'ne'],
  ['_<_', 'lt'],
  ['_<=_', 'le'],
  ['_>_', 'gt'],
  ['_>=_', 'ge'],
  ['@in', 'in'],
]);
const ARITHMETIC = new Map<string, Arithmetic>([
  ['_+_', 'add'],
  ['_-_', 'sub'],
  ['_*_', 'mul'],
]);
const OTHER_OPERATORS = new Map([
  ['_?_:_', '?:'],
  ['_[_]', '[]'],
  ['_/_', '/'],
  ['_%_', '%'],
]);

/** Operators and functions, as the parser names them. */
export function checkOperator(
  context: CheckContext,
  expr: CelExpr,
  call: CelCall,
  scope: Scope,
): Checked | null {
  const { function: name, args, target } = call;
  if (target !== undefined) return context.notInProfile(expr, `.${name}()`);
  if (name === '_&&_' || name === '_||_') return checkLogic(context, name, args, scope);
  if (name === '!_') return checkNot(context, args, scope);
  if (name === '-_') return checkNegation(context, expr, args, scope);
  const comparison = COMPARISONS.get(name);
  if (comparison !== undefined) return checkComparison(context, expr, comparison, args, scope);
  const arithmetic = ARITHMETIC.get(name);
  if (arithmetic !== undefined) return checkArithmetic(context, expr, arithmetic, args, scope);
  if (Object.hasOwn(AGGREGATES, name)) return checkAggregate(context, expr, name, args);
  const symbol = OTHER_OPERATORS.get(name);
  if (symbol !== undefined) return context.notInProfile(expr, symbol);
  const known = Object.keys(AGGREGATES).join(', ');
  const en = `there is no function ${name}; known: ${known}`;
  return context.report(expr, 'unknown-function', `没有函数 ${name}，可用：${known}`, en);
}

function checkLogic(
  context: CheckContext,
  operator: '_&&_' | '_||_',
  args: Args,
  scope: Scope,
): Checked | null {
  // The parser balances chains into a tree; they are one flat term here, so depth does not grow along a chain.
  const flat = args.flatMap((arg) => flatten(arg, operator));
  const parts = context.all(flat, scope);
  if (parts === null) return null;
  const wrong = parts.findIndex((part) => part.type !== 'bool');
  if (wrong >= 0) return context.mustBe(flat[wrong], 'bool', parts[wrong]?.type);
  const op = operator === '_&&_' ? 'and' : 'or';
  return { node: { op, args: parts.map((part) => part.node) }, type: 'bool' };
}

function flatten(expr: CelExpr, operator: string): CelExpr[] {
  const { exprKind } = expr;
  if (exprKind.case !== 'callExpr' || exprKind.value.function !== operator) return [expr];
  return exprKind.value.args.flatMap((arg) => flatten(arg, operator));
}

function checkNot(context: CheckContext, args: Args, scope: Scope): Checked | null {
  const [arg] = context.all(args, scope) ?? [];
  if (arg === undefined) return null;
  if (arg.type !== 'bool') return context.mustBe(args[0], 'bool', arg.type);
  return { node: { op: 'not', arg: arg.node }, type: 'bool' };
}

function checkNegation(
  context: CheckContext,
  expr: CelExpr,
  args: Args,
  scope: Scope,
): Checked | null {
  const [arg] = context.all(args, scope) ?? [];
  if (arg === undefined) return null;
  if (arg.type !== 'int') return context.mustBe(args[0], 'int', arg.type);
  return withinRange(context, expr, { op: 'neg', arg: arg.node }, scope);
}

function checkArithmetic(
  context: CheckContext,
  expr: CelExpr,
  op: Arithmetic,
  args: Args,
  scope: Scope,
): Checked | null {
  const [left, right] = context.all(args, scope) ?? [];
  if (left === undefined || right === undefined) return null;
  if (left.type !== 'int') return context.mustBe(args[0], 'int', left.type);
  if (right.type !== 'int') return context.mustBe(args[1], 'int', right.type);
  return withinRange(context, expr, { op, left: left.node, right: right.node }, scope);
}

function withinRange(
  context: CheckContext,
  expr: CelExpr,
  node: Condition,
  { bound }: Scope,
): Checked | null {
  const range = intRange(node, new Map([...bound].map(([name, list]) => [name, list.node])));
  if (!('overflow' in range)) return { node, type: 'int' };
  const en = 'some baskets would push this out of 64 bits; use smaller factors';
  return context.report(expr, 'condition-overflow', '计算可能超出 64 位整数', en);
}

function checkComparison(
  context: CheckContext,
  expr: CelExpr,
  op: Comparison,
  args: Args,
  scope: Scope,
): Checked | null {
  const [left, right] = context.all(args, scope) ?? [];
  if (left === undefined || right === undefined) return null;
  const checked: Checked = { node: { op, left: left.node, right: right.node }, type: 'bool' };
  const types = [left.type, right.type];
  if (op === 'in') {
    if (right.type === `list<${left.type}>`) return checked;
    const en = `in needs a value and a list of its type, not ${types.join(' and ')}`;
    return context.report(expr, 'condition-type', `in 两边类型不符：${types.join('、')}`, en);
  }
  if (left.type !== right.type || left.type.startsWith('list')) {
    const en = `cannot compare ${types.join(' with ')}`;
    return context.report(expr, 'condition-type', `比较的类型不符：${types.join('、')}`, en);
  }
  const ordered = op !== 'eq' && op !== 'ne';
  return ordered && left.type !== 'int' ? context.mustBe(args[0], 'int', left.type) : checked;
}

/** qty("mugs") and its siblings. */
function checkAggregate(
  context: CheckContext,
  expr: CelExpr,
  name: string,
  args: Args,
): Checked | null {
  const [arg] = args;
  const kind = arg?.exprKind;
  const constant = kind?.case === 'constExpr' ? kind.value.constantKind : undefined;
  if (arg === undefined || args.length !== 1 || constant?.case !== 'stringValue') {
    const en = `${name}() takes the name of one selector in quotes`;
    return context.report(expr, 'condition-type', `${name}() 需要一个选择器名称`, en);
  }
  const selector = constant.value;
  if (!context.selectors.has(selector)) {
    const en = `select names no ${selector}`;
    return context.report(arg, 'unknown-selector', `select 中没有 ${selector}`, en);
  }
  context.used.add(selector);
  return {
    node: { op: 'call', name, selector },
    type: ownValue(AGGREGATES, name)?.type ?? 'int',
  };
}
