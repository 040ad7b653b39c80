import type { RuleOutcome } from '../../../agent/contract/index.ts';

/** Rules of one evaluation in the order in which a cashier wants to hear of them. */
export interface OutcomeGroups {
  readonly applied: readonly RuleOutcome[];
  /** Not applicable, but at least half of what they ask for is there; the nearest first. */
  readonly near: readonly RuleOutcome[];
  /** Would apply and must not: a used coupon, an allowance that cannot be reached. */
  readonly refused: readonly RuleOutcome[];
  /** Would apply, but a better one of their group does. */
  readonly lost: readonly RuleOutcome[];
  readonly other: readonly RuleOutcome[];
}

/** Near misses that are offered to the shopper; more would be a catalogue. */
export const NEAR_MISSES_MAX = 4;

/** How much of what a rule asks for is there, in thousandths, or nothing where that is no question of how much. */
export function nearness({ status, code, difference, needed }: RuleOutcome): number | undefined {
  if (status !== 'not-applicable' || difference === undefined || difference <= 0) return undefined;
  if (!code.startsWith('min-')) return undefined;
  const whole = Number(needed);
  if (!Number.isFinite(whole) || whole <= 0) return undefined;
  return Math.floor(((whole - difference) * 1_000) / whole);
}

/** Refused only because there was nothing for it to work on: no news to anybody at the till. */
function isIdle({ code }: RuleOutcome): boolean {
  return code === 'no-effect';
}

/** Sorts the outcomes of an evaluation into {@link OutcomeGroups}; each stands in exactly one. */
export function groupOutcomes(outcomes: readonly RuleOutcome[]): OutcomeGroups {
  const near = outcomes
    .map((outcome) => ({ outcome, at: nearness(outcome) }))
    .filter(
      (each): each is { outcome: RuleOutcome; at: number } =>
        each.at !== undefined && each.at >= 500,
    )
    .sort((a, b) => b.at - a.at)
    .slice(0, NEAR_MISSES_MAX)
    .map(({ outcome }) => outcome);
  const of = (status: RuleOutcome['status']): RuleOutcome[] =>
    outcomes.filter((outcome) => outcome.status === status);
  return {
    applied: of('applied'),
    near,
    refused: of('refused').filter((outcome) => !isIdle(outcome)),
    lost: of('lost-to'),
    other: [
      ...of('not-applicable').filter((outcome) => !near.includes(outcome)),
      ...of('refused').filter(isIdle),
    ],
  };
}
