import type { EntryFacts } from '../../../agent/contract/entry-facts.ts';
import type { EntryHeader } from '../../../agent/contract/ledger.ts';
import type { TierStep } from '../../../agent/contract/member.ts';
import { countBooking } from '../../../agent/domain/members/count-booking.ts';
import { addRights, endRights } from '../../../agent/domain/members/rights.ts';
import type { MemberBody } from './member-body.ts';

export type CountedFacts = Pick<
  EntryFacts,
  'spendMinor' | 'orders' | 'saleDay' | 'channel' | 'entitlements' | 'tierAfter'
>;

/**
 * A member with an entry of a till counted. A sale brings its rights, and they go with the last of its goods. A return
 * counts for the day of its sale, as far as the till said it.
 * @param today the chain's day, on which rights that have ended are dropped
 */
export function countEntry(
  member: MemberBody,
  { businessDay, saleId }: Pick<EntryHeader, 'businessDay' | 'saleId'>,
  { spendMinor, orders, saleDay, channel = 'store', entitlements, tierAfter }: CountedFacts,
  { tiers, today }: { readonly tiers: readonly TierStep[]; readonly today: string },
): MemberBody {
  const day = saleDay !== undefined && saleDay < businessDay ? saleDay : businessDay;
  const counted = countBooking(member, { spendMinor, orders, day, channel, tierAfter }, tiers);
  const held = counted.entitlements ?? [];
  if (entitlements !== undefined)
    return { ...counted, entitlements: addRights(held, saleId, entitlements, today) };
  const ends = orders < 0 && held.some((right) => right.saleId === saleId);
  return ends ? { ...counted, entitlements: endRights(held, saleId) } : counted;
}
