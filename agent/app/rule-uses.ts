import type {
  EntryFactsWritten,
  Evaluation,
  EvaluationId,
  EvaluationInput,
  Rule,
} from '../contract/index.ts';
import type { CompiledRuleSet } from '../domain/benefits/compile-rule-set.ts';
import type { CountedUse } from '../domain/benefits/kept-target.ts';
import type { RuleUse } from '../store/store.ts';
import type { TillContext } from './context.ts';
import type { EvaluationRecord } from './evaluations.ts';
import type { KeptGoods, Sold } from './sold-sale.ts';

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
export function claimedUses(
  compiled: CompiledRuleSet,
  { outcomes, donations = [] }: Evaluation,
): ClaimedUse[] {
  const applied = new Map(
    outcomes.flatMap((one) => (one.status === 'applied' ? [[one.ruleId, one] as const] : [])),
  );
  return compiled.rules.flatMap(({ rule }) => {
    const outcome = isLimited(rule) ? applied.get(rule.id) : undefined;
    if (outcome === undefined) return [];
    const { id: ruleId, limits, budget } = rule;
    const donated = donations.find((one) => one.ruleId === ruleId)?.amountMinor ?? 0;
    return {
      ruleId,
      counted: limits.length > 0,
      limits,
      budgetId: budget?.id ?? null,
      budgetLimitMinor: budget?.limitMinor ?? null,
      amountMinor: budget === undefined ? 0 : outcome.discountMinor + donated,
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
 * Gives back what a return undoes of uses and campaign money: what the goods took before it, less what the kept goods
 * take. Of a sale of another till only the chain's books are told; that till counts its own uses for itself.
 * @param sale whose uses they are, and the business day on which they count
 * @returns what changed, for the chain's books
 */
export function returnUses(
  { store: { ruleUses } }: TillContext,
  sale: Pick<Sold, 'origin' | 'saleId' | 'businessDay' | 'memberId'>,
  { before, after }: KeptGoods,
): RuleUseFacts[] {
  const changes = usesChanged(before.uses, after.uses, sale.businessDay);
  if (sale.origin === 'headquarters' || changes.length === 0) return changes;
  const evaluationId = sale.saleId as string as EvaluationId;
  // Uses of days long past are pruned; the totals keep them.
  const isPruned = before.uses.length > 0 && ruleUses.of(evaluationId).length === 0;
  if (isPruned) return changes;
  const whose = { memberId: sale.memberId ?? null, day: sale.businessDay };
  ruleUses.giveBack(evaluationId);
  ruleUses.take(evaluationId, whose, after.uses as readonly RuleUse[]);
  return changes;
}

function usesChanged(
  before: readonly CountedUse[],
  after: readonly CountedUse[],
  day: string,
): RuleUseFacts[] {
  const sums = new Map<string, RuleUseFacts>();
  const add = ({ ruleId, counted, budgetId, amountMinor }: CountedUse, sign: 1 | -1): void => {
    const sum = sums.get(ruleId) ?? { ruleId, day, uses: 0, budgetId, amountMinor: 0 };
    sums.set(ruleId, {
      ...sum,
      uses: sum.uses + (counted ? sign : 0),
      amountMinor: sum.amountMinor + sign * amountMinor,
    });
  };
  for (const use of after) add(use, 1);
  for (const use of before) add(use, -1);
  return [...sums.values()].filter(({ uses, amountMinor }) => uses !== 0 || amountMinor !== 0);
}

function isLimited({ limits, budget }: Rule): boolean {
  return limits.length > 0 || budget !== undefined;
}
