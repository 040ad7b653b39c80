import type {
  EntryFactsWritten,
  EvaluatedLine,
  Evaluation,
  EvaluationId,
  EvaluationInput,
  Rule,
} from '../contract/index.ts';
import { shareOf } from '../domain/benefits/amounts/share-of.ts';
import type { CompiledRuleSet } from '../domain/benefits/compile-rule-set.ts';
import { ownValue } from '../domain/benefits/own-value.ts';
import type { UnitsByLine } from '../domain/benefits/return-share.ts';
import type { RuleUse } from '../store/store.ts';
import type { TillContext } from './context.ts';
import type { EvaluationRecord } from './evaluations.ts';

/** One use with the limits of the rule set that it was evaluated under, so that a hold measures by the same. */
export interface ClaimedUse extends RuleUse {
  readonly limits: Rule['limits'];
  /** Minor units; null without a budget. */
  readonly budgetLimitMinor: number | null;
}

type Counts = Pick<EvaluationInput, 'counters' | 'budgetsUsedMinor'>;

const NOTHING_COUNTED: Counts = { counters: {}, budgetsUsedMinor: {} };

/**
 * Uses and campaign money taken so far, for the rules that the input can meet and that have limits or a budget.
 * @param except an evaluation of the same basket that is held: what it took is this shopper's to use again
 */
export function usesSoFar(
  context: TillContext,
  compiled: CompiledRuleSet,
  input: EvaluationInput,
  except: EvaluationId | undefined,
): Counts {
  const limited = compiled.rules.filter(({ rule }) => isLimited(rule));
  if (limited.length === 0) return NOTHING_COUNTED;
  const { ruleUses } = context.store;
  const candidates = new Set(compiled.index.candidates(input));
  const rules = limited.flatMap(({ rule, rank }) => (candidates.has(rank) ? rule : []));
  const asked = {
    memberId: input.member?.memberId ?? null,
    day: context.businessDay(),
    except,
  };
  const counted = rules.filter(({ limits }) => limits.length > 0);
  const budgets = new Set(rules.flatMap(({ budget }) => budget?.id ?? []));
  return {
    counters: Object.fromEntries(
      counted.map(({ id, limits }) => [
        id,
        Object.fromEntries(limits.map(({ scope }) => [scope, ruleUses.used(id, scope, asked)])),
      ]),
    ),
    budgetsUsedMinor: Object.fromEntries(
      [...budgets].map((id) => [id, ruleUses.budgetUsedMinor(id, except)]),
    ),
  };
}

/** What an evaluation takes once it is held, in the order in which its rules ran. */
export function claimedUses(compiled: CompiledRuleSet, { outcomes }: Evaluation): ClaimedUse[] {
  const applied = new Map(
    outcomes.flatMap((one) => (one.status === 'applied' ? [[one.ruleId, one] as const] : [])),
  );
  return compiled.rules.flatMap(({ rule }) => {
    const outcome = isLimited(rule) ? applied.get(rule.id) : undefined;
    if (outcome === undefined) return [];
    const { id: ruleId, limits, budget } = rule;
    return {
      ruleId,
      counted: limits.length > 0,
      limits,
      budgetId: budget?.id ?? null,
      budgetLimitMinor: budget?.limitMinor ?? null,
      amountMinor: budget === undefined ? 0 : outcome.discountMinor,
    };
  });
}

/** Takes what a record claims, inside the transaction of its hold; for one that never was held or is over, of its sale. */
export function takeUses(
  { store, businessDay }: TillContext,
  { evaluationId, memberId, uses }: Pick<EvaluationRecord, 'evaluationId' | 'memberId' | 'uses'>,
): void {
  store.ruleUses.take(evaluationId, { memberId, day: businessDay() }, uses);
}

/**
 * Whether everything that is claimed can still be taken; call it right before {@link RuleUsesRepository.take}.
 * @param except the hold that the one to come takes the place of: what it took is free again
 */
export function usesLeft(
  context: TillContext,
  { memberId, uses }: Pick<EvaluationRecord, 'memberId' | 'uses'>,
  except: EvaluationId | undefined,
): boolean {
  const { ruleUses } = context.store;
  const asked = { memberId, day: context.businessDay(), except };
  const taken = new Map<string, number>();
  return uses.every(({ ruleId, limits, budgetId, budgetLimitMinor, amountMinor }) => {
    if (limits.some(({ scope, max }) => ruleUses.used(ruleId, scope, asked) >= max)) return false;
    if (budgetId === null || budgetLimitMinor === null) return true;
    const before = taken.get(budgetId) ?? ruleUses.budgetUsedMinor(budgetId, except);
    taken.set(budgetId, before + amountMinor);
    return before + amountMinor <= budgetLimitMinor;
  });
}

/** One line of the chain's books about a counted rule or campaign money. */
export type RuleUseFacts = EntryFactsWritten['ruleUses'][number];

/**
 * Gives back what a return undoes: of campaign money each unit's part of what its line took, by cumulative floor; the
 * uses themselves only with the last unit of the sale, and with it all that is left of the money.
 * @param sale whose uses they are, and the business day on which they count
 * @param before units returned earlier, by line
 * @param after the same with this return
 * @returns what changed, for the chain's books
 */
export function returnUses(
  { store: { ruleUses } }: TillContext,
  sale: {
    readonly evaluationId: EvaluationId;
    readonly lines: readonly EvaluatedLine[];
    readonly day: string;
  },
  before: UnitsByLine,
  after: UnitsByLine,
): RuleUseFacts[] {
  const { evaluationId, lines, day } = sale;
  const units = (returned: UnitsByLine, { lineId }: EvaluatedLine): number =>
    ownValue(returned, lineId) ?? 0;
  const taken = ruleUses.of(evaluationId);
  if (lines.every((line) => units(after, line) === line.qty)) {
    ruleUses.giveBack(evaluationId);
    return taken.map(({ ruleId, counted, budgetId, amountMinor }) => ({
      ruleId,
      day,
      uses: counted ? -1 : 0,
      budgetId,
      amountMinor: negated(amountMinor),
    }));
  }
  return taken.flatMap(({ ruleId, budgetId }) => {
    if (budgetId === null) return [];
    const amountMinor = lines.reduce((sum, line) => {
      const took = discountOf(line, ruleId);
      const upTo = (returned: UnitsByLine): number =>
        shareOf(took, units(returned, line), line.qty, 'down');
      return sum + upTo(after) - upTo(before);
    }, 0);
    ruleUses.giveBackMoney(evaluationId, ruleId, amountMinor);
    return [{ ruleId, day, uses: 0, budgetId, amountMinor: negated(amountMinor) }];
  });
}

/** Minus zero is no figure. */
function negated(value: number): number {
  return value === 0 ? 0 : -value;
}

function discountOf({ discounts }: EvaluatedLine, ruleId: string): number {
  return discounts.reduce((sum, one) => (one.ruleId === ruleId ? sum + one.discountMinor : sum), 0);
}

function isLimited({ limits, budget }: Rule): boolean {
  return limits.length > 0 || budget !== undefined;
}
