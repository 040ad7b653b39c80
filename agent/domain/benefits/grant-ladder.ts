import type { Effect } from '../../contract/effects.ts';
import type { Failure } from './condition/explain-term.ts';
import { raiseTier } from './raise-tier.ts';
import type { Run } from './run-state.ts';

type Ladder = Extract<Effect, { kind: 'month-ladder' }>;

/**
 * Grants the tier of a ladder where the running month, with what this sale leaves to pay, and the months before it without
 * a gap each reach the amount. A month before that did not can no longer be mended, so nothing is said to be missing then.
 */
export function grantLadder(run: Run, effect: Ladder): Failure | null {
  const { member } = run.input;
  if (member === null) return { code: 'member-unknown' };
  const { months, fromMinor, tier, entitlements } = effect;
  const earlier = member.earlierMonthsMinor ?? [];
  let reached = 0;
  while (reached < months - 1 && (earlier[reached] ?? 0) >= fromMinor) reached += 1;
  if (reached < months - 1)
    return { code: 'ladder-gap', seen: String(reached), needed: String(months - 1) };
  const spentMinor = (member.monthSpendMinor ?? 0) + run.state.runningMinor;
  if (spentMinor < fromMinor) {
    return {
      code: 'ladder-month',
      seen: String(spentMinor),
      needed: String(fromMinor),
      difference: fromMinor - spentMinor,
    };
  }
  raiseTier(run, tier);
  for (const { entitlement, validDays } of entitlements)
    run.entitlements.push({ kind: entitlement, validDays });
  return null;
}
