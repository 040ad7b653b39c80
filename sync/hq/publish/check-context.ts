import type { Condition } from '../../../agent/contract/condition.ts';
import type { ProfileType } from '../../../agent/domain/benefits/condition/environment.ts';
import type { CelExpr, ParsedCondition } from './parse-condition.ts';
import type { RuleProblemCode } from './rule-problem.ts';

export type CheckedType = ProfileType | 'list<bool>';

/** A part of a condition with its type. */
export interface Checked {
  readonly node: Condition;
  readonly type: CheckedType;
}

/** Where a part stands: how deep, and which lists the quantifiers around it range over, by name. */
export interface Scope {
  readonly depth: number;
  readonly bound: ReadonlyMap<string, Checked>;
}

/** What the checks of single parts share. A check that fails reports and gives null. */
export interface CheckContext {
  readonly parsed: ParsedCondition;
  /** Names under the rule's `select`. */
  readonly selectors: ReadonlySet<string>;
  /** Selectors that the condition names. */
  readonly used: Set<string>;
  readonly report: (expr: CelExpr, code: RuleProblemCode, zhCN: string, en: string) => null;
  readonly notInProfile: (expr: CelExpr, what: string) => null;
  readonly mustBe: (expr: CelExpr | undefined, wanted: string, seen: string | undefined) => null;
  readonly check: (expr: CelExpr, scope: Scope) => Checked | null;
  /** Checks every part one level deeper, so that one pass reports all that is wrong. */
  readonly all: (exprs: readonly CelExpr[], scope: Scope) => Checked[] | null;
}

type ExprKind<C extends CelExpr['exprKind']['case']> = Extract<CelExpr['exprKind'], { case: C }>;
export type CelCall = ExprKind<'callExpr'>['value'];
export type CelComprehension = ExprKind<'comprehensionExpr'>['value'];
export type CelConstant = NonNullable<ExprKind<'constExpr'>['value']['constantKind']>;
