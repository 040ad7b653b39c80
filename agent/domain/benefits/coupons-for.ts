import type { Condition } from '../../contract/condition.ts';
import type { EvaluationInput } from '../../contract/evaluation-input.ts';
import type { Rule } from '../../contract/rules.ts';
import { basketState } from './basket-state.ts';
import type { CompiledRuleSet } from './compile-rule-set.ts';
import { compileCondition } from './condition/compile-condition.ts';
import { conditionFacts } from './condition/condition-facts.ts';
import { childrenOf, conjuncts, reads } from './condition/conjuncts.ts';

/** A rule that a code opens, whatever its serial. */
export interface CodedRule {
  readonly rule: Rule;
  readonly code: string;
}

/**
 * Coupon rules whose window is open and whose terms on member, store and time hold for a member at a moment. Terms that
 * read the basket or the codes presented are left open: what will be bought is not known.
 * @param input the member at that moment; its lines and codes are not looked at
 */
export function couponsFor(compiled: CompiledRuleSet, input: EvaluationInput): CodedRule[] {
  const facts = conditionFacts(input, basketState([]), () => []);
  return compiled.rules.flatMap(({ rule, gate }) => {
    const code = rule.coupon?.code;
    if (code === undefined) return [];
    if (gate.window !== null && gate.window(input.now) !== null) return [];
    const terms = rule.condition === null ? [] : conjuncts(rule.condition);
    const holds = terms
      .filter((term) => !readsBasket(term))
      .every((term) => compileCondition(term, noSelector)(facts));
    return holds ? [{ rule, code }] : [];
  });
}

function readsBasket(term: Condition): boolean {
  return reads(term, (name) => name === 'codes' || name.startsWith('basket.')) || calls(term);
}

function calls(term: Condition): boolean {
  return term.op === 'call' || childrenOf(term).some(calls);
}

function noSelector(name: string): number {
  throw new Error(`broken invariant: a term without lines asks for the selector ${name}`);
}
