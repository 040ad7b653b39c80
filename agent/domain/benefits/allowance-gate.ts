import type { EvaluationInput } from '../../contract/evaluation-input.ts';
import type { Rule } from '../../contract/rules.ts';
import type { CompiledRule } from './compile-rule-set.ts';
import type { Failure } from './condition/explain-term.ts';
import { ownValue } from './own-value.ts';
import { takenCode } from './presented-codes.ts';
import { type Run, settleWithout } from './run-state.ts';

/**
 * Why the holder of an allowance does not let this till give the benefit: a counted coupon, a voucher, a scarce allotment.
 * Points are answered by the effect that spends them. What the holder was not asked about counts as unreachable.
 */
export function allowanceRefusal(rule: Rule, input: EvaluationInput): Failure | null {
  if (rule.effect.kind === 'points-redeem' && input.member === null)
    return { code: 'member-unknown' };
  const taken = takenCode(rule, input);
  if (taken?.failure !== undefined) return taken.failure;
  if (rule.allotment !== undefined) {
    const allotment = ownValue(input.allowances.allotments, rule.allotment.id);
    if (allotment === undefined || !allotment.reachable) return { code: 'allowance-unreachable' };
    if (allotment.available < 1) return { code: 'allotment-exhausted' };
  }
  return null;
}

/** Settles a rule whose allotment earlier rules of the same basket have used up; each takes one use. */
export function overAllotment(run: Run, compiled: CompiledRule): boolean {
  const { allotment } = compiled.rule;
  if (allotment === undefined) return false;
  const held = ownValue(run.input.allowances.allotments, allotment.id);
  const taken = run.allotmentsTaken.get(allotment.id) ?? 0;
  if (held?.reachable !== true || taken < held.available) return false;
  settleWithout(run, compiled, 'refused', { code: 'allotment-exhausted' });
  return true;
}
