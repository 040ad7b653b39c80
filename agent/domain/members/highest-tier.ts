import type { TierStep } from '../../contract/member.ts';

/**
 * The highest of some tiers and of those that amounts of a year reach, by the chain's `tiers` setting. A tier that the
 * setting does not name stands below all that it names; of several such the first stays. Without steps that is the first.
 * @param amountsMinor spend of a year each, in minor units
 */
export function highestTier(
  [first, ...others]: readonly [string, ...(string | undefined)[]],
  amountsMinor: readonly number[],
  tiers: readonly TierStep[],
): string {
  const steps = [...tiers].sort((a, b) => a.yearSpendMinorFrom - b.yearSpendMinorFrom);
  const placeOf = (tier: string | undefined): number =>
    steps.findIndex((step) => step.tier === tier);
  const earned = amountsMinor.map((amount) =>
    steps.findLastIndex((step) => step.yearSpendMinorFrom <= amount),
  );
  const highest = Math.max(placeOf(first), ...others.map(placeOf), ...earned);
  return steps[highest]?.tier ?? first;
}
