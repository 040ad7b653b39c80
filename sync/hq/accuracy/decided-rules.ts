import type { Evaluation } from '../../../agent/contract/evaluation.ts';
import { ACCURACY_DIFFERENCES_MAX, type RuleDifference } from '../../protocol/accuracy.ts';

type Verdict = NonNullable<RuleDifference['till']>;

/** What an evaluation decided: every rule that applied, with what it gave, and every rule that was refused. */
export type DecidedRules = ReadonlyMap<string, Verdict>;

/**
 * Rules that lost to others, that do not fit the basket or that found nothing to give anything on decided nothing.
 * @param outcomes of an evaluation in full detail
 */
export function decidedRules({ outcomes }: Pick<Evaluation, 'outcomes'>): DecidedRules {
  return new Map(
    outcomes.flatMap(({ ruleId, status, code, discountMinor, points }) =>
      status === 'applied' || (status === 'refused' && code !== 'no-effect')
        ? [[ruleId as string, { status, discountMinor, points }]]
        : [],
    ),
  );
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
  if (a === null || b === null) return a === b;
  return a.status === b.status && a.discountMinor === b.discountMinor && a.points === b.points;
}
