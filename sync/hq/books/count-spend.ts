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
 * A member after a booking. The year's spend begins anew with the first booking of a later year and never falls below
 * zero; a booking of an earlier year, come late, does not count for the running one. Tiers go upward only.
 */
export function countSpend(
  member: MemberBody,
  { spendMinor, orders, year }: Spend,
  tiers: readonly TierStep[],
): MemberBody {
  const running = member.spendYear ?? Number.parseInt(member.updatedAt.slice(0, 4), 10);
  const before = year > running ? 0 : (member.yearSpendMinor ?? 0);
  const yearSpendMinor = year < running ? before : within(before + spendMinor, MONEY_MAX_MINOR);
  return {
    ...member,
    spendYear: Math.max(running, year),
    yearSpendMinor,
    completedOrders: within((member.completedOrders ?? 0) + orders, Number.MAX_SAFE_INTEGER),
    tier: tierFor(member.tier, yearSpendMinor, tiers),
  };
}

/** A tier that the setting does not name stands below all that it names. */
function tierFor(tier: string, yearSpendMinor: number, tiers: readonly TierStep[]): string {
  const steps = [...tiers].sort((a, b) => a.yearSpendMinorFrom - b.yearSpendMinorFrom);
  const has = steps.findIndex((step) => step.tier === tier);
  const earned = steps.findLastIndex((step) => step.yearSpendMinorFrom <= yearSpendMinor);
  return steps[Math.max(has, earned)]?.tier ?? tier;
}

function within(value: number, most: number): number {
  return Math.min(Math.max(value, 0), most);
}
