import type { TierStep } from '../../../../agent/contract/member.ts';
import { ownValue } from '../../../../agent/domain/benefits/own-value.ts';
import { monthsBefore, yearOf } from '../../../../agent/domain/calendar/month.ts';
import { highestTier } from '../../../../agent/domain/members/highest-tier.ts';

/** A tier of a ladder is held for so many months from the last month that completed it, that one included. */
export const LADDER_HELD_MONTHS = 12;

/** A ladder of the rule set: so many months in a row of this spend each. */
export interface LadderTier {
  readonly ruleId: string;
  readonly tier: string;
  readonly months: number;
  readonly fromMinor: number;
  /** Whether it is reached hangs on what only a till can judge: it counts for whom a till found it reached. */
  readonly conditional: boolean;
  /** The last month in which it was in force; null = it still is. */
  readonly lastMonth: string | null;
}

/** A tier that a rule gives for the spend of a year. */
export interface SpendTier {
  readonly tier: string;
  readonly fromMinor: number;
  /** As of ladders; also where the rule is no longer in force. */
  readonly conditional: boolean;
}

/** What tiers there are and how they are reached. */
export interface TierRules {
  /** The `tiers` setting, which puts the tiers in order. */
  readonly steps: readonly TierStep[];
  readonly ladders: readonly LadderTier[];
  readonly spendTiers: readonly SpendTier[];
}

/** What a member is judged by; all spend is after returns, in minor units. */
export interface TierInputs {
  readonly tierGiven: string;
  readonly yearsMinor: Readonly<Record<string, number>>;
  /** A month that is absent had none. */
  readonly monthsMinor: Readonly<Record<string, number>>;
  /** Tiers that tills found reached by rules. */
  readonly granted: readonly string[];
}

/**
 * The tier of a member by figures alone: the highest of the one given by hand, those that the spend of a year reaches by the
 * setting or by a rule, from the year before the month's own on, and those of ladders that were completed, while they were
 * in force, within {@link LADDER_HELD_MONTHS}. What was reached since the month stays, so a run takes nothing away that a
 * till has just given.
 * @param month the month that the run is for
 * @param running the month that it is
 */
export function judgeTier(
  { tierGiven, yearsMinor, monthsMinor, granted }: TierInputs,
  { steps, ladders, spendTiers }: TierRules,
  { month, running }: { readonly month: string; readonly running: string },
): string {
  const counting = Object.entries(yearsMinor)
    .filter(([year]) => Number(year) >= yearOf(month) - 1)
    .map(([, spentMinor]) => spentMinor);
  const isOpen = ({ tier, conditional }: LadderTier | SpendTier): boolean =>
    !conditional || granted.includes(tier);
  const reached = [
    ...ladders.filter((ladder) => completed(ladder, monthsMinor, { month, running })),
    ...spendTiers.filter(({ fromMinor }) => counting.some((spent) => spent >= fromMinor)),
  ].filter(isOpen);
  return highestTier([tierGiven, ...reached.map(({ tier }) => tier)], counting, steps);
}

function completed(
  { months, fromMinor, lastMonth }: LadderTier,
  monthsMinor: TierInputs['monthsMinor'],
  { month, running }: { readonly month: string; readonly running: string },
): boolean {
  const first = monthsBefore(month, LADDER_HELD_MONTHS - 1);
  const last = lastMonth !== null && lastMonth < running ? lastMonth : running;
  for (let end = last; end >= first; end = monthsBefore(end, 1)) {
    const inRow = Array.from({ length: months }, (_, back) => monthsBefore(end, back));
    if (inRow.every((one) => (ownValue(monthsMinor, one) ?? 0) >= fromMinor)) return true;
  }
  return false;
}
