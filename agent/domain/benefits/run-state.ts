import type { RuleStatus } from '../../contract/evaluation.ts';
import type { EvaluationInput } from '../../contract/evaluation-input.ts';
import { type BasketState, basketState } from './basket-state.ts';
import type { CompiledRule, CompiledRuleSet } from './compile-rule-set.ts';
import { type ConditionFacts, conditionFacts } from './condition/condition-facts.ts';
import type { Failure } from './condition/explain-term.ts';

/** How a rule ended, before it is put into words. */
export interface Settled {
  readonly status: RuleStatus;
  readonly reason: Failure;
  readonly lostTo: CompiledRule | undefined;
  readonly discountMinor: number;
  readonly points: number;
}

export type SilencedBy = ReadonlyMap<string, readonly CompiledRule[]>;

/** The first rule that silences this one; a rule is exempt from its own silence, not from another's. */
export function silencerOf(
  silencedBy: SilencedBy,
  compiled: CompiledRule,
): CompiledRule | undefined {
  return silencedBy.get(compiled.rule.lane)?.find((silencer) => silencer !== compiled);
}

/** One run of the lanes over a basket. */
export interface Run {
  readonly compiled: CompiledRuleSet;
  readonly input: EvaluationInput;
  readonly state: BasketState;
  readonly facts: ConditionFacts;
  readonly selected: (selector: number) => readonly number[];
  /** Lanes that exclusive rules silence, with those rules in rank order. */
  readonly silencedBy: SilencedBy;
  /** By rank. */
  readonly settled: (Settled | undefined)[];
  /** Whether rules that do not apply are to say why. */
  readonly explaining: boolean;
  /** What was taken off each line, in order. */
  readonly discounts: { ruleId: string; discountMinor: number }[][];
  readonly pointsSpentByLine: number[];
  readonly pointsEarnedByLine: number[];
  pointsSpent: number;
  pointsSpentMinor: number;
  /** `pointsSpent` by category of points. */
  readonly pointsSpentByBucket: Map<string, number>;
  /** `pointsSpentByLine` and `pointsEarnedByLine` by category of points. */
  readonly bucketsSpent: Map<string, number[]>;
  readonly bucketsEarned: Map<string, number[]>;
  readonly lots: { ruleId: string; bucket: string; points: number; pendingDays?: number }[];
  readonly budgetsTaken: Map<string, number>;
  /** Uses that this basket takes, by allotment. */
  readonly allotmentsTaken: Map<string, number>;
  /** Rules of the points-earn lane that wait for its end. */
  readonly earns: CompiledRule[];
  readonly multipliers: CompiledRule[];
  readonly applied: CompiledRule[];
  readonly gifts: { ruleId: string; sku: string; qty: number; valueMinor?: number }[];
  readonly entitlements: { kind: string; validDays: number | undefined }[];
  tierAfter: string | undefined;
  readonly donations: { ruleId: string; cause: string; amountMinor: number }[];
  /** Each line's part of the donations. */
  readonly donatedByLine: number[];
  /** The sale would earn more points than one sale may. */
  pointsCapped: boolean;
}

/** A fresh run; `selected` is shared by the trials of one evaluation. */
export function startRun(
  compiled: CompiledRuleSet,
  input: EvaluationInput,
  selected: (selector: number) => readonly number[],
  silencedBy: SilencedBy,
  explaining: boolean,
): Run {
  const state = basketState(input.lines);
  return {
    compiled,
    input,
    state,
    facts: conditionFacts(input, state, selected),
    selected,
    silencedBy,
    settled: new Array<Settled | undefined>(compiled.rules.length),
    explaining,
    discounts: input.lines.map(() => []),
    pointsSpentByLine: input.lines.map(() => 0),
    pointsEarnedByLine: input.lines.map(() => 0),
    pointsSpent: 0,
    pointsSpentMinor: 0,
    pointsSpentByBucket: new Map(),
    bucketsSpent: new Map(),
    bucketsEarned: new Map(),
    lots: [],
    budgetsTaken: new Map(),
    allotmentsTaken: new Map(),
    earns: [],
    multipliers: [],
    applied: [],
    gifts: [],
    entitlements: [],
    tierAfter: undefined,
    donations: [],
    donatedByLine: input.lines.map(() => 0),
    pointsCapped: false,
  };
}

/** Settles a rule that does not take effect. */
export function settleWithout(
  run: Run,
  compiled: CompiledRule,
  status: RuleStatus,
  failure: Failure,
  lostTo?: CompiledRule,
): void {
  run.settled[compiled.rank] = run.explaining
    ? { status, reason: failure, lostTo, discountMinor: 0, points: 0 }
    : NOT_APPLIED;
}

/**
 * How a rule for members ends for a guest: a code that was presented is a claim that is turned down, else nobody claimed
 * anything and the rule does not apply.
 */
export function withoutMember({ gate }: CompiledRule): RuleStatus {
  return gate.codeTerms.length > 0 ? 'refused' : 'not-applicable';
}

/** What a run that need not explain knows of a rule that does not take effect. */
const NOT_APPLIED: Settled = {
  status: 'not-applicable',
  reason: { code: 'condition' },
  lostTo: undefined,
  discountMinor: 0,
  points: 0,
};
const APPLIED: Failure = { code: 'applied' };

/** Settles a rule that takes effect. */
export function settleApplied(
  run: Run,
  compiled: CompiledRule,
  discountMinor: number,
  points: number,
): void {
  run.settled[compiled.rank] = {
    status: 'applied',
    reason: APPLIED,
    lostTo: undefined,
    discountMinor,
    points,
  };
  run.applied.push(compiled);
  const { allotment } = compiled.rule;
  if (allotment !== undefined)
    run.allotmentsTaken.set(allotment.id, (run.allotmentsTaken.get(allotment.id) ?? 0) + 1);
}

/** Lines chosen by each selector of a set, found once for a basket. */
export function lineSelection(
  compiled: CompiledRuleSet,
  input: EvaluationInput,
): (selector: number) => readonly number[] {
  const cache: (readonly number[] | undefined)[] = [];
  return (selector) => {
    const known = cache[selector];
    if (known !== undefined) return known;
    const matches = compiled.selectors[selector];
    const chosen: number[] = [];
    for (let index = 0; index < input.lines.length; index += 1) {
      const line = input.lines[index];
      if (line !== undefined && (matches === null || matches?.(line) === true)) chosen.push(index);
    }
    cache[selector] = chosen;
    return chosen;
  };
}
