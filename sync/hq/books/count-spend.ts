import { z } from 'zod';
import { amountMinorSchema, MONEY_MAX_MINOR } from '../../../agent/contract/money.ts';
import type { MemberBody } from './member-body.ts';

/** One step of the `tiers` setting: from this spend of a year on, a member has at least this tier. */
export const tierStepSchema = z.object({
  tier: z.string().min(1).max(32),
  yearSpendMinorFrom: amountMinorSchema,
});
export type TierStep = z.infer<typeof tierStepSchema>;

/** What a booking adds to a member's counters. */
export interface Spend {
  readonly spendMinor: number;
  readonly orders: number;
  /** Calendar year of the business day. */
  readonly year: number;
}

/**
 * A member after a booking. The year's spend begins anew with the first booking of a later year. One of the year before,
 * come late, counts for that year alone; what is older still counts for none. Tills see figures within bounds, and what
 * the sums lie beyond them is kept beside: where goods come back at another till, the return may be booked before its
 * sale. The tier is the highest of the one that was given by hand and those that the spend of the two years reaches; one
 * earned by goods that came back goes with them. So every order of arrival ends at the same figures, and within the
 * running year and the one before at the same tier. Without steps tiers stay as they are.
 */
export function countSpend(
  member: MemberBody,
  { spendMinor, orders, year }: Spend,
  tiers: readonly TierStep[],
): MemberBody {
  const { yearSpendBeyondMinor, completedOrdersBeyond = 0, ...known } = member;
  const { lastYearSpendMinor: _last, tierGiven: _given, ...shown } = known;
  const { running, thisYear, lastYear, tierGiven } = inYear(member, year, tiers);
  const spent = within(thisYear + (year === running ? spendMinor : 0), MONEY_MAX_MINOR);
  const spentLast = lastYear + (year === running - 1 ? spendMinor : 0);
  const ordersBefore = (member.completedOrders ?? 0) + completedOrdersBeyond;
  const completed = within(ordersBefore + orders, Number.MAX_SAFE_INTEGER);
  const tier =
    tiers.length === 0 ? member.tier : highest([tierGiven, spent.shown, spentLast], tiers);
  return {
    ...shown,
    spendYear: running,
    yearSpendMinor: spent.shown,
    ...(spent.beyond === 0 ? {} : { yearSpendBeyondMinor: spent.beyond }),
    ...(spentLast === 0 ? {} : { lastYearSpendMinor: spentLast }),
    completedOrders: completed.shown,
    ...(completed.beyond === 0 ? {} : { completedOrdersBeyond: completed.beyond }),
    tier,
    ...(tier === tierGiven ? {} : { tierGiven }),
  };
}

interface YearState {
  readonly running: number;
  readonly thisYear: number;
  readonly lastYear: number;
  readonly tierGiven: string;
}

/** A member's sums as they stand in the later of the running year and `year`; a tier of a year that falls out stays. */
function inYear(member: MemberBody, year: number, tiers: readonly TierStep[]): YearState {
  const before = member.spendYear ?? Number.parseInt(member.updatedAt.slice(0, 4), 10);
  const thisYear = (member.yearSpendMinor ?? 0) + (member.yearSpendBeyondMinor ?? 0);
  const lastYear = member.lastYearSpendMinor ?? 0;
  const tierGiven = member.tierGiven ?? member.tier;
  if (year <= before) return { running: before, thisYear, lastYear, tierGiven };
  // Without steps nothing tells which sum carries the tier, so no year takes it along.
  const kept = tiers.length === 0 ? member.tier : tierGiven;
  if (year === before + 1)
    return {
      running: year,
      thisYear: 0,
      lastYear: thisYear,
      tierGiven: highest([kept, lastYear], tiers),
    };
  const reached = highest([kept, lastYear, thisYear], tiers);
  return { running: year, thisYear: 0, lastYear: 0, tierGiven: reached };
}

/** The highest of a tier and those that amounts reach. One that the setting does not name stands below all it names. */
function highest(
  [tier, ...amountsMinor]: readonly [string, ...number[]],
  tiers: readonly TierStep[],
): string {
  const steps = [...tiers].sort((a, b) => a.yearSpendMinorFrom - b.yearSpendMinorFrom);
  const has = steps.findIndex((step) => step.tier === tier);
  const most = Math.max(...amountsMinor);
  const earned = steps.findLastIndex((step) => step.yearSpendMinorFrom <= most);
  return steps[Math.max(has, earned)]?.tier ?? tier;
}

/** A sum as tills see it, zero or more, and by how much it lies beyond that. */
function within(sum: number, most: number): { readonly shown: number; readonly beyond: number } {
  const shown = Math.min(Math.max(sum, 0), most);
  return { shown, beyond: sum - shown };
}
