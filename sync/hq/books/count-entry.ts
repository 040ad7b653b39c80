import type { EntryFacts } from '../../../agent/contract/entry-facts.ts';
import type { EntryHeader } from '../../../agent/contract/ledger.ts';
import type { TierStep } from '../../../agent/contract/member.ts';
import { addDays } from '../../../agent/domain/calendar/day.ts';
import { countBooking } from '../../../agent/domain/members/count-booking.ts';
import { addRights, endRights } from '../../../agent/domain/members/rights.ts';
import type { MemberBody } from './member-body.ts';

export type CountedFacts = Pick<
  EntryFacts,
  'spendMinor' | 'orders' | 'saleDay' | 'channel' | 'entitlements' | 'tierAfter'
>;

export interface CountPlace {
  readonly tiers: readonly TierStep[];
  /** The chain's. */
  readonly currency: string;
  /** The chain's day on which the entry was booked. */
  readonly bookedOn: string;
  /** The day on which rights that have ended are dropped. */
  readonly today: string;
  /** The goods of these sales came back before they were booked: their rights never begin. */
  readonly undone: ReadonlySet<string>;
}

/**
 * A member with an entry of a till counted. A sale brings its rights, and they go with the last of its goods. A return
 * counts for the day of its sale, as far as the till said it. Money of another currency than the chain's counts for nobody.
 */
export function countEntry(
  member: MemberBody,
  { businessDay, saleId, currency }: Pick<EntryHeader, 'businessDay' | 'saleId' | 'currency'>,
  { spendMinor, orders, saleDay, channel = 'store', entitlements, tierAfter }: CountedFacts,
  { tiers, currency: own, bookedOn, today, undone }: CountPlace,
): MemberBody {
  const spent = currency === own ? spendMinor : 0;
  if (orders === 0 && spent === 0) return member;
  const day = countedDay(businessDay, saleDay, bookedOn);
  const booking = { spendMinor: spent, orders, day, channel, tierAfter };
  const counted = countBooking(member, booking, tiers);
  const held = counted.entitlements ?? [];
  if (entitlements !== undefined && !undone.has(saleId))
    return { ...counted, entitlements: addRights(held, saleId, entitlements, today) };
  const ends = orders < 0 && held.some((right) => right.saleId === saleId);
  return ends ? { ...counted, entitlements: endRights(held, saleId) } : counted;
}

/** Whether a business day is further ahead of the chain's than time zones and late hours explain. */
export function isAhead(businessDay: string, bookedOn: string): boolean {
  return businessDay > addDays(bookedOn, 1);
}

/**
 * The day for which an entry counts: that of its sale where it is known and not later than its own. A till whose clock is
 * ahead sold on the chain's day on which its entry was booked.
 */
export function countedDay(
  businessDay: string,
  saleDay: string | undefined,
  bookedOn: string,
): string {
  const own = isAhead(businessDay, bookedOn) ? bookedOn : businessDay;
  return saleDay !== undefined && saleDay < own ? saleDay : own;
}
