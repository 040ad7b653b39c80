import {
  type ArithmeticNode,
  CONDITION_MAX_DEPTH,
  CONDITION_MAX_NODES,
  CONDITION_MAX_QUANTIFIERS,
  type Comparison,
  type Condition,
} from '../../../agent/contract/condition.ts';
import { assert } from '../../../agent/contract/result.ts';
import { type Text, text } from '../../../agent/contract/text.ts';
import {
  AGGREGATES,
  type ProfileType,
  VARIABLES,
} from '../../../agent/domain/benefits/condition/environment.ts';
import {
  INT64_MAX,
  INT64_MIN,
  intRange,
} from '../../../agent/domain/benefits/condition/int-range.ts';
import type { CelExpr, ConditionProblem, ParsedCondition } from './parse-condition.ts';
import type { RuleProblemCode } from './rule-problem.ts';

type CheckedType = ProfileType | 'list<bool>';
interface Checked {
  readonly node: Condition;
  readonly type: CheckedType;
}

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
const ARITHMETIC = new Map<string, ArithmeticNode['op']>([
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

export interface CheckedCondition {
  /** null when there are problems. */
  readonly condition: Condition | null;
  readonly problems: readonly ConditionProblem[];
  /** Selectors that the condition names. */
  readonly selectors: ReadonlySet<string>;
}

/**
 * Type-checks a parsed condition against the closed profile and the environment table, and turns it into the tree that
 * is published. Anything outside the profile, every unknown name and every integer that some input could push out of
 * 64 bits is a problem with its place in the text.
 * @param selectors names under the rule's `select`
 */
export function checkCondition(
  parsed: ParsedCondition,
  selectors: ReadonlySet<string>,
): CheckedCondition {
  const problems: ConditionProblem[] = [];
  const used = new Set<string>();
  let nodes = 0;

  function report(expr: CelExpr, code: RuleProblemCode, zhCN: string, en: string): null {
    const message: Text = text(zhCN, en);
    problems.push({ code, offset: parsed.sourceInfo?.positions[expr.id.toString()] ?? 0, message });
    return null;
  }

  function notInProfile(expr: CelExpr, what: string): null {
    return report(
      expr,
      'not-in-profile',
      `条件不支持 ${what}`,
      `${what} is outside the profile: bool, int, string, list; && || ! == != < <= > >= in has() exists() all(); + - *`,
    );
  }

  function check(
    expr: CelExpr,
    depth: number,
    bound: ReadonlyMap<string, Checked>,
  ): Checked | null {
    nodes += 1;
    if (nodes === CONDITION_MAX_NODES + 1) {
      return report(
        expr,
        'condition-too-large',
        `条件超过 ${CONDITION_MAX_NODES} 项`,
        `the condition has more than ${CONDITION_MAX_NODES} terms; split the rule`,
      );
    }
    if (nodes > CONDITION_MAX_NODES) return null;
    if (depth > CONDITION_MAX_DEPTH) {
      return report(
        expr,
        'condition-too-large',
        `条件嵌套超过 ${CONDITION_MAX_DEPTH} 层`,
        `the condition nests deeper than ${CONDITION_MAX_DEPTH}; split the rule`,
      );
    }
    const { exprKind } = expr;
    switch (exprKind.case) {
      case 'constExpr':
        return checkConstant(expr, exprKind.value.constantKind);
      case 'identExpr':
      case 'selectExpr':
        return checkName(expr, bound);
      case 'listExpr':
        return checkList(expr, exprKind.value.elements, depth, bound);
      case 'callExpr':
        return checkCall(expr, exprKind.value, depth, bound);
      case 'comprehensionExpr':
        return checkQuantifier(expr, exprKind.value, depth, bound);
      default:
        return notInProfile(expr, exprKind.case ?? 'this');
    }
  }

  function checkConstant(expr: CelExpr, constant: ConstantKind | undefined): Checked | null {
    switch (constant?.case) {
      case 'boolValue':
        return { node: { op: 'bool', value: constant.value }, type: 'bool' };
      case 'stringValue':
        return { node: { op: 'string', value: constant.value }, type: 'string' };
      case 'int64Value': {
        const { value } = constant;
        if (value < INT64_MIN || value > INT64_MAX) {
          return report(
            expr,
            'condition-overflow',
            `整数 ${value} 超出 64 位`,
            `the integer ${value} does not fit 64 bits`,
          );
        }
        return {
          node: {
            op: 'int',
            value: Number.isSafeInteger(Number(value)) ? Number(value) : value.toString(),
          },
          type: 'int',
        };
      }
      default:
        return notInProfile(expr, constant?.case?.replace('Value', '') ?? 'null');
    }
  }

  function checkName(expr: CelExpr, bound: ReadonlyMap<string, Checked>): Checked | null {
    const name = dottedName(expr);
    if (name === null) return notInProfile(expr, '.');
    const local = bound.get(name);
    if (local !== undefined)
      return { node: { op: 'local', name }, type: local.type === 'list<int>' ? 'int' : 'string' };
    const row = Object.hasOwn(VARIABLES, name) ? VARIABLES[name] : undefined;
    if (row === undefined) {
      return report(
        expr,
        'unknown-variable',
        `没有变量 ${name}`,
        `there is no variable ${name}; known: ${Object.keys(VARIABLES).join(', ')}`,
      );
    }
    if (expr.exprKind.case === 'selectExpr' && expr.exprKind.value.testOnly)
      return { node: { op: 'has', name }, type: 'bool' };
    return { node: { op: 'var', name }, type: row.type };
  }

  function checkList(
    expr: CelExpr,
    elements: readonly CelExpr[],
    depth: number,
    bound: ReadonlyMap<string, Checked>,
  ): Checked | null {
    const items = all(elements, depth, bound);
    if (items === null) return null;
    const type = items[0]?.type;
    if (type !== 'int' && type !== 'string' && type !== 'bool') {
      return report(
        expr,
        'condition-type',
        '列表不能为空，只能包含文字或整数',
        'a list needs at least one element, and only strings or integers',
      );
    }
    if (items.some((item) => item.type !== type)) {
      return report(
        expr,
        'condition-type',
        '列表的元素类型不一致',
        'the elements of a list must have one type',
      );
    }
    return { node: { op: 'list', items: items.map((item) => item.node) }, type: `list<${type}>` };
  }

  function checkCall(
    expr: CelExpr,
    call: CelCall,
    depth: number,
    bound: ReadonlyMap<string, Checked>,
  ): Checked | null {
    const name = call.function;
    if (call.target !== undefined) return notInProfile(expr, `.${name}()`);
    if (name === '_&&_' || name === '_||_')
      return checkLogic(name === '_&&_' ? 'and' : 'or', call.args, depth, bound);
    if (name === '!_') return checkUnary(expr, 'not', 'bool', call.args, depth, bound);
    if (name === '-_') return checkUnary(expr, 'neg', 'int', call.args, depth, bound);
    const comparison = COMPARISONS.get(name);
    if (comparison !== undefined) return checkComparison(expr, comparison, call.args, depth, bound);
    const arithmetic = ARITHMETIC.get(name);
    if (arithmetic !== undefined) return checkArithmetic(expr, arithmetic, call.args, depth, bound);
    if (Object.hasOwn(AGGREGATES, name)) return checkAggregate(expr, name, call.args);
    const symbol = OTHER_OPERATORS.get(name);
    if (symbol !== undefined) return notInProfile(expr, symbol);
    return report(
      expr,
      'unknown-function',
      `没有函数 ${name}`,
      `there is no function ${name}; known: ${Object.keys(AGGREGATES).join(', ')}`,
    );
  }

  function checkLogic(
    op: 'and' | 'or',
    args: readonly CelExpr[],
    depth: number,
    bound: ReadonlyMap<string, Checked>,
  ): Checked | null {
    // The parser balances chains into a tree; they are one flat term here, so depth does not grow along a chain.
    const flat = args.flatMap((arg) => flatten(arg, op === 'and' ? '_&&_' : '_||_'));
    const parts = all(flat, depth, bound);
    if (parts === null) return null;
    const wrong = parts.findIndex((part) => part.type !== 'bool');
    if (wrong >= 0) return mustBe(flat[wrong], 'bool', parts[wrong]?.type);
    return { node: { op, args: parts.map((part) => part.node) }, type: 'bool' };
  }

  function checkUnary(
    expr: CelExpr,
    op: 'not' | 'neg',
    type: 'bool' | 'int',
    args: readonly CelExpr[],
    depth: number,
    bound: ReadonlyMap<string, Checked>,
  ): Checked | null {
    const parts = all(args, depth, bound);
    const [arg] = parts ?? [];
    if (arg === undefined) return null;
    if (arg.type !== type) return mustBe(args[0], type, arg.type);
    return op === 'neg'
      ? withinRange(expr, { op, arg: arg.node }, bound)
      : { node: { op, arg: arg.node }, type };
  }

  function checkArithmetic(
    expr: CelExpr,
    op: ArithmeticNode['op'],
    args: readonly CelExpr[],
    depth: number,
    bound: ReadonlyMap<string, Checked>,
  ): Checked | null {
    const [left, right] = all(args, depth, bound) ?? [];
    if (left === undefined || right === undefined) return null;
    if (left.type !== 'int') return mustBe(args[0], 'int', left.type);
    if (right.type !== 'int') return mustBe(args[1], 'int', right.type);
    return withinRange(expr, { op, left: left.node, right: right.node }, bound);
  }

  function withinRange(
    expr: CelExpr,
    node: Condition,
    bound: ReadonlyMap<string, Checked>,
  ): Checked | null {
    const range = intRange(node, new Map([...bound].map(([name, list]) => [name, list.node])));
    if (!('overflow' in range)) return { node, type: 'int' };
    return report(
      expr,
      'condition-overflow',
      '计算可能超出 64 位整数',
      'some baskets would push this out of 64 bits; use smaller factors',
    );
  }

  function checkComparison(
    expr: CelExpr,
    op: Comparison,
    args: readonly CelExpr[],
    depth: number,
    bound: ReadonlyMap<string, Checked>,
  ): Checked | null {
    const [left, right] = all(args, depth, bound) ?? [];
    if (left === undefined || right === undefined) return null;
    const node: Condition = { op, left: left.node, right: right.node };
    if (op === 'in') {
      if (right.type === `list<${left.type}>`) return { node, type: 'bool' };
      return report(
        expr,
        'condition-type',
        `in 两边类型不符：${left.type} 与 ${right.type}`,
        `in needs a value and a list of its type, not ${left.type} and ${right.type}`,
      );
    }
    const ordered = op !== 'eq' && op !== 'ne';
    if (left.type !== right.type || left.type.startsWith('list')) {
      return report(
        expr,
        'condition-type',
        `比较的类型不符：${left.type} 与 ${right.type}`,
        `cannot compare ${left.type} with ${right.type}`,
      );
    }
    if (ordered && left.type !== 'int') return mustBe(args[0], 'int', left.type);
    return { node, type: 'bool' };
  }

  function checkAggregate(expr: CelExpr, name: string, args: readonly CelExpr[]): Checked | null {
    const [arg] = args;
    const constant =
      arg?.exprKind.case === 'constExpr' ? arg.exprKind.value.constantKind : undefined;
    if (args.length !== 1 || constant?.case !== 'stringValue') {
      return report(
        expr,
        'condition-type',
        `${name}() 需要一个选择器名称`,
        `${name}() takes the name of one selector in quotes`,
      );
    }
    if (!selectors.has(constant.value)) {
      return report(
        arg ?? expr,
        'unknown-selector',
        `select 中没有 ${constant.value}`,
        `select names no ${constant.value}`,
      );
    }
    used.add(constant.value);
    return {
      node: { op: 'call', name, selector: constant.value },
      type: AGGREGATES[name]?.type ?? 'int',
    };
  }

  function checkQuantifier(
    expr: CelExpr,
    comprehension: CelComprehension,
    depth: number,
    bound: ReadonlyMap<string, Checked>,
  ): Checked | null {
    const macro = parsed.sourceInfo?.macroCalls[expr.id.toString()]?.exprKind;
    const op = macro?.case === 'callExpr' ? macro.value.function : undefined;
    const name = comprehension.iterVar;
    const step = comprehension.loopStep?.exprKind;
    const body = step?.case === 'callExpr' ? step.value.args[1] : undefined;
    if (
      (op !== 'exists' && op !== 'all') ||
      body === undefined ||
      comprehension.iterRange === undefined
    ) {
      return notInProfile(expr, `.${op ?? 'macro'}()`);
    }
    if (bound.size >= CONDITION_MAX_QUANTIFIERS) {
      return report(
        expr,
        'condition-too-large',
        `量词嵌套超过 ${CONDITION_MAX_QUANTIFIERS} 层`,
        `no more than ${CONDITION_MAX_QUANTIFIERS} of exists() and all() inside one another`,
      );
    }
    if (bound.has(name) || Object.hasOwn(VARIABLES, name)) {
      return report(
        expr,
        'condition-type',
        `名称 ${name} 已被使用`,
        `the name ${name} is taken; choose another`,
      );
    }
    const over = check(comprehension.iterRange, depth + 1, bound);
    if (over === null) return null;
    if (over.type !== 'list<string>' && over.type !== 'list<int>')
      return mustBe(comprehension.iterRange, 'list', over.type);
    const checked = check(body, depth + 1, new Map(bound).set(name, over));
    if (checked === null) return null;
    if (checked.type !== 'bool') return mustBe(body, 'bool', checked.type);
    return { node: { op, over: over.node, name, body: checked.node }, type: 'bool' };
  }

  /** Checks every part, so that one pass reports all that is wrong. */
  function all(
    exprs: readonly CelExpr[],
    depth: number,
    bound: ReadonlyMap<string, Checked>,
  ): Checked[] | null {
    const checked = exprs.map((expr) => check(expr, depth + 1, bound));
    return checked.some((part) => part === null) ? null : (checked as Checked[]);
  }

  function mustBe(expr: CelExpr | undefined, wanted: string, seen: string | undefined): null {
    if (expr === undefined) return null;
    return report(
      expr,
      'condition-type',
      `这里需要 ${wanted}，得到 ${seen ?? '?'}`,
      `expected ${wanted}, found ${seen ?? '?'}`,
    );
  }

  const root = parsed.expr === undefined ? null : check(parsed.expr, 0, new Map());
  if (root !== null && root.type !== 'bool') mustBe(parsed.expr, 'bool', root.type);
  // A refused part without a reason would leave the rule without a gate: open to everybody.
  assert(root !== null || problems.length > 0, 'a condition that is refused has a problem');
  return {
    condition: problems.length === 0 ? (root?.node ?? null) : null,
    problems,
    selectors: used,
  };
}

type ExprKind<C extends CelExpr['exprKind']['case']> = Extract<CelExpr['exprKind'], { case: C }>;
type CelCall = ExprKind<'callExpr'>['value'];
type CelComprehension = ExprKind<'comprehensionExpr'>['value'];
type ConstantKind = NonNullable<ExprKind<'constExpr'>['value']['constantKind']>;

function flatten(expr: CelExpr, operator: string): CelExpr[] {
  const { exprKind } = expr;
  if (exprKind.case !== 'callExpr' || exprKind.value.function !== operator) return [expr];
  return exprKind.value.args.flatMap((arg) => flatten(arg, operator));
}

/** `a.b.c` as text; null where something else than names is selected from. */
function dottedName(expr: CelExpr): string | null {
  const { exprKind } = expr;
  if (exprKind.case === 'identExpr') return exprKind.value.name;
  if (exprKind.case !== 'selectExpr' || exprKind.value.operand === undefined) return null;
  const head = dottedName(exprKind.value.operand);
  return head === null ? null : `${head}.${exprKind.value.field}`;
}
