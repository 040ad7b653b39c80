import {
  CONDITION_MAX_DEPTH,
  CONDITION_MAX_NODES,
  type Condition,
} from '../../../agent/contract/condition.ts';
import { assert } from '../../../agent/contract/result.ts';
import { text } from '../../../agent/contract/text.ts';
import type { CheckContext, Checked, Scope } from './check-context.ts';
import { checkOperator } from './check-operators.ts';
import { checkConstant, checkList, checkName, checkQuantifier } from './check-terms.ts';
import type { CelExpr, ConditionProblem, ParsedCondition } from './parse-condition.ts';

const PROFILE = 'bool, int, string, list; && || ! == != < <= > >= in has() exists() all(); + - *';

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
  const context = contextOf(parsed, selectors, problems);
  const scope = { depth: 0, bound: new Map() };
  const root = parsed.expr === undefined ? null : context.check(parsed.expr, scope);
  if (root !== null && root.type !== 'bool') context.mustBe(parsed.expr, 'bool', root.type);
  // A refused part without a reason would leave the rule without a gate: open to everybody.
  assert(root !== null || problems.length > 0, 'a condition that is refused has a problem');
  const condition = problems.length === 0 && root !== null ? root.node : null;
  return { condition, problems, selectors: context.used };
}

function contextOf(
  parsed: ParsedCondition,
  selectors: ReadonlySet<string>,
  problems: ConditionProblem[],
): CheckContext {
  let nodes = 0;
  const context: CheckContext = {
    parsed,
    selectors,
    used: new Set(),
    report: (expr, code, zhCN, en) => {
      const offset = parsed.sourceInfo?.positions[expr.id.toString()] ?? 0;
      problems.push({ code, offset, message: text(zhCN, en) });
      return null;
    },
    notInProfile: (expr, what) =>
      context.report(
        expr,
        'not-in-profile',
        `条件不支持 ${what}`,
        `${what} is outside the profile: ${PROFILE}`,
      ),
    mustBe: (expr, wanted, seen) => {
      if (expr === undefined) return null;
      const found = seen ?? '?';
      return context.report(
        expr,
        'condition-type',
        `这里需要 ${wanted}，得到 ${found}`,
        `expected ${wanted}, found ${found}`,
      );
    },
    check: (expr, scope) => {
      nodes += 1;
      if (nodes > CONDITION_MAX_NODES) {
        // Reported once; the rest of an endless condition is not looked at.
        return nodes === CONDITION_MAX_NODES + 1
          ? tooLarge(
              context,
              expr,
              `${CONDITION_MAX_NODES} 项`,
              `has more than ${CONDITION_MAX_NODES} terms`,
            )
          : null;
      }
      if (scope.depth > CONDITION_MAX_DEPTH) {
        return tooLarge(
          context,
          expr,
          `${CONDITION_MAX_DEPTH} 层`,
          `nests deeper than ${CONDITION_MAX_DEPTH}`,
        );
      }
      return checkExpr(context, expr, scope);
    },
    all: (exprs, { depth, bound }) => {
      const checked: Checked[] = [];
      for (const expr of exprs) {
        const part = context.check(expr, { depth: depth + 1, bound });
        if (part !== null) checked.push(part);
      }
      return checked.length === exprs.length ? checked : null;
    },
  };
  return context;
}

function tooLarge(context: CheckContext, expr: CelExpr, zhCN: string, en: string): null {
  return context.report(
    expr,
    'condition-too-large',
    `条件超过 ${zhCN}`,
    `the condition ${en}; split the rule`,
  );
}

function checkExpr(context: CheckContext, expr: CelExpr, scope: Scope): Checked | null {
  const { exprKind } = expr;
  switch (exprKind.case) {
    case 'constExpr':
      return checkConstant(context, expr, exprKind.value.constantKind);
    case 'identExpr':
    case 'selectExpr':
      return checkName(context, expr, scope);
    case 'listExpr':
      return checkList(context, expr, exprKind.value.elements, scope);
    case 'callExpr':
      return checkOperator(context, expr, exprKind.value, scope);
    case 'comprehensionExpr':
      return checkQuantifier(context, expr, exprKind.value, scope);
    case 'structExpr':
      return context.notInProfile(expr, '{}');
    default:
      return context.notInProfile(expr, '?');
  }
}
