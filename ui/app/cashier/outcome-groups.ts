import type { NearMiss, RuleOutcome } from '../../../agent/contract/index.ts';

/** Rules of one evaluation in the order in which a cashier wants to hear of them. */
export interface OutcomeGroups {
  readonly applied: readonly RuleOutcome[];
  /** Only want more in the basket, as the till says; the ones that cost least for what they give first. */
  readonly near: readonly NearMiss[];
  /** Would apply and must not: a used coupon, an allowance that cannot be reached. */
  readonly refused: readonly RuleOutcome[];
  /** Would apply, but a better one of their group does. */
  readonly lost: readonly RuleOutcome[];
  readonly other: readonly RuleOutcome[];
}

/** Near misses that the cashier's screen offers; more would be a catalogue. */
export const NEAR_MISSES_SHOWN_MAX = 4;

/** Refused only because there was nothing for it to work on: no news to anybody at the till. */
function isIdle({ code }: RuleOutcome): boolean {
  return code === 'no-effect';
}

/**
 * Sorts the outcomes of an evaluation into {@link OutcomeGroups}; each rule stands in exactly one.
 * @param nearMisses of the same evaluation
 */
export function groupOutcomes(
  outcomes: readonly RuleOutcome[],
  nearMisses: readonly NearMiss[],
): OutcomeGroups {
  const near = nearMisses.slice(0, NEAR_MISSES_SHOWN_MAX);
  const shownNear = new Set(near.map(({ ruleId }) => ruleId));
  const of = (status: RuleOutcome['status']): RuleOutcome[] =>
    outcomes.filter((outcome) => outcome.status === status && !shownNear.has(outcome.ruleId));
  return {
    applied: of('applied'),
    near,
    refused: of('refused').filter((outcome) => !isIdle(outcome)),
    lost: of('lost-to'),
    other: [...of('not-applicable'), ...of('refused').filter(isIdle)],
  };
}
