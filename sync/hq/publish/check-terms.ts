import { CONDITION_MAX_QUANTIFIERS } from '../../../agent/contract/condition.ts';
import { VARIABLES } from '../../../agent/domain/benefits/condition/environment.ts';
import { INT64_MAX, INT64_MIN } from '../../../agent/domain/benefits/condition/int-range.ts';
import { ownValue } from '../../../agent/domain/benefits/own-value.ts';
import type {
  CelComprehension,
  CelConstant,
  CheckContext,
  Checked,
  Scope,
} from './check-context.ts';
import type { CelExpr } from './parse-condition.ts';

/** true, 3, "gold" */
export function checkConstant(
  context: CheckContext,
  expr: CelExpr,
  constant: CelConstant | undefined,
): Checked | null {
  switch (constant?.case) {
    case 'boolValue':
      return { node: { op: 'bool', value: constant.value }, type: 'bool' };
    case 'stringValue':
      return { node: { op: 'string', value: constant.value }, type: 'string' };
    case 'int64Value': {
      const { value } = constant;
      if (value < INT64_MIN || value > INT64_MAX) {
        const en = `the integer ${value} does not fit 64 bits`;
        return context.report(expr, 'condition-overflow', `整数 ${value} 超出 64 位`, en);
      }
      const safe = Number.isSafeInteger(Number(value));
      return { node: { op: 'int', value: safe ? Number(value) : value.toString() }, type: 'int' };
    }
    default:
      return context.notInProfile(expr, constant?.case?.replace('Value', '') ?? 'null');
  }
}

/** A variable, one that a quantifier binds, or has(variable). */
export function checkName(context: CheckContext, expr: CelExpr, { bound }: Scope): Checked | null {
  const name = dottedName(expr);
  if (name === null) return context.notInProfile(expr, '.');
  const list = bound.get(name);
  if (list !== undefined) {
    return { node: { op: 'local', name }, type: list.type === 'list<int>' ? 'int' : 'string' };
  }
  const row = ownValue(VARIABLES, name);
  if (row === undefined) {
    const known = Object.keys(VARIABLES).join(', ');
    const en = `there is no variable ${name}; known: ${known}`;
    return context.report(expr, 'unknown-variable', `没有变量 ${name}，可用：${known}`, en);
  }
  const { exprKind } = expr;
  const asks = exprKind.case === 'selectExpr' && exprKind.value.testOnly;
  return asks
    ? { node: { op: 'has', name }, type: 'bool' }
    : { node: { op: 'var', name }, type: row.type };
}

/** `a.b.c` as text; null where something else than names is selected from. */
function dottedName({ exprKind }: CelExpr): string | null {
  if (exprKind.case === 'identExpr') return exprKind.value.name;
  if (exprKind.case !== 'selectExpr' || exprKind.value.operand === undefined) return null;
  const head = dottedName(exprKind.value.operand);
  return head === null ? null : `${head}.${exprKind.value.field}`;
}

/** ["gold", "diamond"] */
export function checkList(
  context: CheckContext,
  expr: CelExpr,
  elements: readonly CelExpr[],
  scope: Scope,
): Checked | null {
  const items = context.all(elements, scope);
  if (items === null) return null;
  const type = items[0]?.type;
  if (type !== 'int' && type !== 'string' && type !== 'bool') {
    const en = 'a list needs at least one element, and only bools, integers or strings';
    return context.report(expr, 'condition-type', '列表不能为空，只能包含布尔值、整数或文字', en);
  }
  if (items.some((item) => item.type !== type)) {
    const en = 'the elements of a list must have one type';
    return context.report(expr, 'condition-type', '列表的元素类型不一致', en);
  }
  return { node: { op: 'list', items: items.map((item) => item.node) }, type: `list<${type}>` };
}

/** list.exists(name, test) and list.all(name, test); the parser has expanded both into loops. */
export function checkQuantifier(
  context: CheckContext,
  expr: CelExpr,
  loop: CelComprehension,
  { depth, bound }: Scope,
): Checked | null {
  const macro = context.parsed.sourceInfo?.macroCalls[expr.id.toString()]?.exprKind;
  const op = macro?.case === 'callExpr' ? macro.value.function : undefined;
  const { iterRange, iterVar: name } = loop;
  const step = loop.loopStep?.exprKind;
  const body = step?.case === 'callExpr' ? step.value.args[1] : undefined;
  if ((op !== 'exists' && op !== 'all') || body === undefined || iterRange === undefined) {
    return context.notInProfile(expr, `.${op ?? 'macro'}()`);
  }
  if (bound.size >= CONDITION_MAX_QUANTIFIERS) {
    const en = `no more than ${CONDITION_MAX_QUANTIFIERS} of exists() and all() inside one another`;
    return context.report(
      expr,
      'condition-too-large',
      `量词嵌套超过 ${CONDITION_MAX_QUANTIFIERS} 层`,
      en,
    );
  }
  // Without shadowing a name means one list everywhere in its condition.
  if (bound.has(name) || Object.hasOwn(VARIABLES, name)) {
    const en = `the name ${name} is taken; choose another`;
    return context.report(expr, 'condition-type', `名称 ${name} 已被使用`, en);
  }
  const over = context.check(iterRange, { depth: depth + 1, bound });
  if (over === null) return null;
  if (over.type !== 'list<string>' && over.type !== 'list<int>') {
    return context.mustBe(iterRange, 'list<string> | list<int>', over.type);
  }
  const inner = { depth: depth + 1, bound: new Map(bound).set(name, over) };
  const checked = context.check(body, inner);
  if (checked === null) return null;
  if (checked.type !== 'bool') return context.mustBe(body, 'bool', checked.type);
  return { node: { op, over: over.node, name, body: checked.node }, type: 'bool' };
}
