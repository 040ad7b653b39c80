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
 * A member after a booking. The year's spend begins anew with the first booking of a later year; a booking of an earlier
 * year, come late, does not count for the running one. Tills see figures within bounds, and what the sums lie beyond
 * them is kept beside: where goods come back at another till, the return may be booked before its sale, and both orders
 * end at the same figures. Tiers go upward only, by the figure that tills see.
 */
export function countSpend(
  member: MemberBody,
  { spendMinor, orders, year }: Spend,
  tiers: readonly TierStep[],
): MemberBody {
  const running = member.spendYear ?? Number.parseInt(member.updatedAt.slice(0, 4), 10);
  const { yearSpendBeyondMinor = 0, completedOrdersBeyond = 0, ...shown } = member;
  const spentBefore = year > running ? 0 : (member.yearSpendMinor ?? 0) + yearSpendBeyondMinor;
  const spent = within(spentBefore + (year < running ? 0 : spendMinor), MONEY_MAX_MINOR);
  const ordersBefore = (member.completedOrders ?? 0) + completedOrdersBeyond;
  const completed = within(ordersBefore + orders, Number.MAX_SAFE_INTEGER);
  return {
    ...shown,
    spendYear: Math.max(running, year),
    yearSpendMinor: spent.shown,
    ...(spent.beyond === 0 ? {} : { yearSpendBeyondMinor: spent.beyond }),
    completedOrders: completed.shown,
    ...(completed.beyond === 0 ? {} : { completedOrdersBeyond: completed.beyond }),
    tier: tierFor(member.tier, spent.shown, tiers),
  };
}

/** A tier that the setting does not name stands below all that it names. */
function tierFor(tier: string, yearSpendMinor: number, tiers: readonly TierStep[]): string {
  const steps = [...tiers].sort((a, b) => a.yearSpendMinorFrom - b.yearSpendMinorFrom);
  const has = steps.findIndex((step) => step.tier === tier);
  const earned = steps.findLastIndex((step) => step.yearSpendMinorFrom <= yearSpendMinor);
  return steps[Math.max(has, earned)]?.tier ?? tier;
}

/** A sum as tills see it, zero or more, and by how much it lies beyond that. */
function within(sum: number, most: number): { readonly shown: number; readonly beyond: number } {
  const shown = Math.min(Math.max(sum, 0), most);
  return { shown, beyond: sum - shown };
}
