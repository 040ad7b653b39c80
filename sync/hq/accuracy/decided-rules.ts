import type { Evaluation } from '../../../agent/contract/evaluation.ts';
import type { Rule } from '../../../agent/contract/rules.ts';
import { ownValue } from '../../../agent/domain/benefits/own-value.ts';
import { canonicalJson } from '../../../agent/domain/ledger/canonical-json.ts';
import { ACCURACY_DIFFERENCES_MAX, type RuleDifference } from '../../protocol/accuracy.ts';

type Verdict = NonNullable<RuleDifference['till']>;

/** What an evaluation decided: every rule that applied, with what it gave, and every rule that was refused. */
export type DecidedRules = ReadonlyMap<string, Verdict>;

/**
 * Rules that lost to others, that do not fit the basket or that found nothing to give anything on decided nothing.
 * A sale reaches one tier, which stands at each rule that may have given it.
 * @param evaluation in full detail
 */
export function decidedRules(
  { outcomes, tierAfter, gifts, donations = [] }: Evaluation,
  rules: readonly Rule[],
): DecidedRules {
  const decided = new Map<string, Verdict>(
    outcomes.flatMap(({ ruleId, status, code, discountMinor, points }) =>
      status === 'applied' || (status === 'refused' && code !== 'no-effect')
        ? [[ruleId as string, { status, discountMinor, points }]]
        : [],
    ),
  );
  const add = (ruleId: string, more: (before: Verdict) => Partial<Verdict>): void => {
    const before = decided.get(ruleId);
    if (before?.status === 'applied') decided.set(ruleId, { ...before, ...more(before) });
  };
  if (tierAfter !== undefined)
    for (const { id, effect } of rules)
      if (effect.kind === 'spend-tier' || effect.kind === 'month-ladder')
        add(id, () => ({ tierAfter }));
  for (const { ruleId, sku, qty } of gifts)
    add(ruleId, ({ gifts: given = {} }) => ({
      gifts: { ...given, [sku]: qty + (ownValue(given, sku) ?? 0) },
    }));
  for (const { ruleId, amountMinor } of donations)
    add(ruleId, ({ donatedMinor = 0 }) => ({ donatedMinor: donatedMinor + amountMinor }));
  return decided;
}

/** The rules that two decisions treat differently, by id, at most {@link ACCURACY_DIFFERENCES_MAX}; none = the same decision. */
export function ruleDifferences(till: DecidedRules, full: DecidedRules): RuleDifference[] {
  const ids = [...new Set([...till.keys(), ...full.keys()])].sort();
  return ids
    .map((ruleId) => ({
      ruleId,
      till: till.get(ruleId) ?? null,
      full: full.get(ruleId) ?? null,
    }))
    .filter((one) => !isSame(one.till, one.full))
    .slice(0, ACCURACY_DIFFERENCES_MAX);
}

function isSame(a: Verdict | null, b: Verdict | null): boolean {
  return canonicalJson(a) === canonicalJson(b);
}
