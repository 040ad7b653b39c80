import type { SaleId } from '../../contract/ids.ts';
import type { Entitlement, Member, TierStep } from '../../contract/member.ts';
import { yearOf } from '../calendar/month.ts';
import { type Booking, type CountedMember, countBooking, yearsOf } from './count-booking.ts';
import { addRights, endRights } from './rights.ts';

/** Entries of a till that headquarters' row of a member does not count yet; several of one day may be added up. */
export interface OwnBooking extends Booking {
  /** A sale that gave rights. */
  readonly granted?: { readonly saleId: SaleId; readonly entitlements: readonly Entitlement[] };
  /** A sale whose goods have all come back. */
  readonly undone?: SaleId;
}

/**
 * A member as headquarters will count them once it has the till's own entries, so that the sale that reaches a bound
 * counts for the next one though no line is up. A year that has ended since headquarters counted it is no running year.
 * @param bookings in the order of the entries
 * @param today the business day
 */
export function withOwnBookings(
  member: Member,
  bookings: readonly OwnBooking[],
  tiers: readonly TierStep[],
  today: string,
): Member {
  let counted: CountedMember = member;
  for (const booking of bookings) {
    const { granted, undone } = booking;
    counted = countBooking(counted, booking, tiers);
    const { entitlements = [] } = counted;
    if (granted !== undefined)
      counted = {
        ...counted,
        entitlements: addRights(entitlements, granted.saleId, granted.entitlements, today),
      };
    if (undone !== undefined)
      counted = { ...counted, entitlements: endRights(entitlements, undone) };
  }
  const isPast = yearsOf(counted).running < yearOf(today);
  if (bookings.length === 0 && !isPast) return member;
  return { ...member, ...counted, ...(isPast ? { yearSpendMinor: 0 } : {}) };
}
