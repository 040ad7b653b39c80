import type { EvaluationInput } from '../../contract/evaluation-input.ts';
import type { LimitScope, Rule } from '../../contract/rules.ts';
import { compileCondition, type Test } from './condition/compile-condition.ts';
import type { ConditionFacts } from './condition/condition-facts.ts';
import { conjuncts, isDynamic } from './condition/conjuncts.ts';
import { compileExplanation, type Explain, type Failure } from './condition/explain-term.ts';
import { ownValue } from './own-value.ts';
import { compileWindow, type WindowTest } from './window.ts';

interface Term {
  readonly test: Test;
  readonly explain: Explain;
}

/** Everything that must hold before a rule may take effect, in the order in which it is tested and explained. */
export interface Gate {
  readonly codeTerms: readonly Term[];
  readonly window: WindowTest | null;
  readonly fixedTerms: readonly Term[];
  readonly dynamicTerms: readonly Term[];
}

/** Compiles a rule's condition: codes first, then fixed terms in text order, then terms on running amounts. */
export function compileGate(rule: Rule, selector: (name: string) => number): Gate {
  const terms = rule.condition === null ? [] : conjuncts(rule.condition);
  const make = (node: (typeof terms)[number]): Term => ({
    test: compileCondition(node, selector),
    explain: compileExplanation(node, selector),
  });
  const isCode = (node: (typeof terms)[number]): boolean =>
    node.op === 'in' && node.right.op === 'var' && node.right.name === 'codes';
  return {
    codeTerms: terms.filter(isCode).map(make),
    window: rule.window === undefined ? null : compileWindow(rule.window),
    fixedTerms: terms.filter((node) => !isCode(node) && !isDynamic(node)).map(make),
    dynamicTerms: terms.filter(isDynamic).map(make),
  };
}

/**
 * The first thing that keeps a rule from applying, or null when its gate is open.
 * @param explaining false: whether it is open is all that matters, so no reason is worked out
 */
export function closedGate(
  rule: Rule,
  gate: Gate,
  facts: ConditionFacts,
  input: EvaluationInput,
  explaining: boolean,
): Failure | null {
  return (
    firstFailing(gate.codeTerms, facts, explaining) ??
    (gate.window === null ? null : gate.window(input.now)) ??
    (rule.limits.length === 0 ? null : usedUp(rule, input)) ??
    firstFailing(gate.fixedTerms, facts, explaining) ??
    firstFailing(gate.dynamicTerms, facts, explaining)
  );
}

function firstFailing(
  terms: readonly Term[],
  facts: ConditionFacts,
  explaining: boolean,
): Failure | null {
  for (const term of terms) {
    if (!term.test(facts)) return explaining ? term.explain(facts) : UNEXPLAINED;
  }
  return null;
}

const UNEXPLAINED: Failure = { code: 'condition' };

const MEMBER_SCOPES: ReadonlySet<LimitScope> = new Set<LimitScope>([
  'member',
  'member-day',
  'member-month',
]);

function usedUp(rule: Rule, input: EvaluationInput): Failure | null {
  for (const limit of rule.limits) {
    const perMember = MEMBER_SCOPES.has(limit.scope);
    if (perMember && input.member === null) return { code: 'member-unknown' };
    const used = ownValue(input.counters, rule.id)?.[limit.scope] ?? 0;
    if (used < limit.max) continue;
    const code = perMember ? 'member-usage-limit' : 'usage-limit';
    return { code, seen: String(used), needed: String(limit.max) };
  }
  return null;
}
