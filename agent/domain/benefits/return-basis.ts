import type { Evaluation } from '../../contract/evaluation.ts';
import type { EvaluationInput } from '../../contract/evaluation-input.ts';
import type { Text } from '../../contract/text.ts';
import type { CompiledRule, CompiledRuleSet } from './compile-rule-set.ts';
import { replaySale, type SaleFigures, type SealedSale } from './replay-sale.ts';
import { compileSelector } from './select-lines.ts';

/** The part of a sale that its returns share out. */
export type SoldGoods = Pick<Evaluation, 'lines' | 'gifts'>;

/**
 * Why the kept goods are not computed again although a rule of the sale asks for it: the member was erased and with
 * them what the sale rested on; the rules of that day are not kept here; the sale cannot be reproduced.
 */
export type KeptBecause = 'erased' | 'rules-gone' | 'not-reproduced';

/** What the rules of its day say of the returns of a sale. */
export interface ReturnBasis {
  /** Absent = every benefit stays with the kept goods. */
  readonly recompute?: {
    readonly compiled: CompiledRuleSet;
    readonly input: EvaluationInput;
    /** Applied rules that ask for it. */
    readonly rules: ReadonlySet<string>;
  };
  readonly keptBecause?: KeptBecause;
  /** Lines whose units earned a gift, by rule; a rule that is not named counted every line. */
  readonly giftLines: ReadonlyMap<string, ReadonlySet<string>>;
  /** Names of the rules, for people. */
  readonly names: ReadonlyMap<string, Text>;
  /** See `returns.windowDays` of a rule set. */
  readonly windowDays?: number;
}

/**
 * Finds out how a sale's returns are to be worked out. The kept goods are computed again only where the rules of the day
 * still give the very sale, so that two versions of the engine never mix in one refund.
 * @param kept the rule sets of the sale's version that are kept here
 * @param sealed what the sale rested on; `undefined` once it was erased
 */
export function returnBasis(
  kept: readonly CompiledRuleSet[],
  figures: SaleFigures,
  sold: SoldGoods,
  sealed: SealedSale | undefined,
): ReturnBasis {
  const replayed = sealed === undefined ? undefined : reproduced(kept, figures, sealed);
  const compiled = replayed?.compiled ?? kept[0];
  if (compiled === undefined)
    return { keptBecause: 'rules-gone', giftLines: new Map(), names: new Map() };
  const { windowDays } = compiled.ruleSet.returns ?? {};
  const input = replayed?.input;
  const terms = {
    giftLines: input === undefined ? new Map() : giftLinesOf(compiled, input),
    names: new Map(compiled.rules.map(({ rule }) => [rule.id as string, rule.name])),
    ...(windowDays === undefined ? {} : { windowDays }),
  };
  const applied = appliedRules(sold, sealed);
  const rules = new Set(
    compiled.rules.flatMap(({ rule }) =>
      rule.returnPolicy === 'recompute' && applied.has(rule.id) ? [rule.id as string] : [],
    ),
  );
  if (rules.size === 0) return terms;
  if (input === undefined)
    return { ...terms, keptBecause: sealed === undefined ? 'erased' : 'not-reproduced' };
  return { ...terms, recompute: { compiled, input, rules } };
}

function reproduced(
  kept: readonly CompiledRuleSet[],
  figures: SaleFigures,
  sealed: SealedSale,
): { compiled: CompiledRuleSet; input: EvaluationInput } | undefined {
  for (const compiled of kept) {
    const done = replaySale(compiled, figures, sealed);
    if (done.ok && done.value.differences.length === 0)
      return { compiled, input: done.value.input };
  }
  return undefined;
}

/** Without the sealed body, the rules that took something off a line or gave a gift. */
function appliedRules(sold: SoldGoods, sealed: SealedSale | undefined): ReadonlySet<string> {
  const stored = sealed?.evaluation as
    | { readonly applied?: readonly { readonly ruleId: string }[] }
    | undefined;
  const named = stored?.applied ?? [
    ...sold.lines.flatMap(({ discounts }) => discounts),
    ...sold.gifts,
  ];
  return new Set(named.map(({ ruleId }) => ruleId));
}

function giftLinesOf(
  { rules, selectors }: CompiledRuleSet,
  input: EvaluationInput,
): Map<string, ReadonlySet<string>> {
  return new Map(
    rules.flatMap(({ rule, target }: CompiledRule) => {
      if (rule.effect.kind !== 'gift-item') return [];
      const chosen = [selectors[target] ?? null, compileSelector(rule.effect.buy.target)];
      const lines = input.lines.filter((line) => chosen.every((fits) => fits?.(line) ?? true));
      return [[rule.id as string, new Set(lines.map(({ lineId }) => lineId as string))] as const];
    }),
  );
}
