import { toInstant } from '../../../../agent/contract/time.ts';
import { addDays } from '../../../../agent/domain/calendar/day.ts';
import { earnIntoLots } from '../../../../agent/domain/points/earn-into-lots.ts';
import { BASE_BUCKET, spendFromLots } from '../../../../agent/domain/points/lots.ts';
import { lotIdOf, lotsOf, type Movement } from '../account.ts';
import type { Desk } from './book-online.ts';
import type { LotTerms } from './lot-terms.ts';

/**
 * Points that pay off what is owed, and the rest in a lot of its own; it waits from the day of the purchase on, however
 * late that is booked, and is good for the rule set's number of days from the day on which it can be spent.
 */
export function earnOnline(
  { members, member, today, atMs, day }: Desk,
  { name, points, terms }: { name: string; points: number; terms: LotTerms },
): Movement[] {
  if (points === 0) return [];
  const lotId = lotIdOf(name);
  const earned = [{ bucket: BASE_BUCKET, points, pendingDays: terms.pendingDays }];
  const { lots, setOff } = earnIntoLots(lotsOf(members.account(member.memberId)), earned);
  const made = lots.map(({ bucket, points: delta, pendingDays }): Movement => {
    const freeOn = addDays(day, pendingDays);
    const isFree = freeOn <= today;
    return {
      lotId,
      delta,
      lot: {
        earnedAt: toInstant(atMs),
        ...(isFree ? {} : { availableOn: freeOn }),
        ...(terms.validDays === undefined
          ? {}
          : { expiresOn: addDays(isFree ? today : freeOn, terms.validDays) }),
        channel: 'online',
        bucket,
        source: lotId,
      },
    };
  });
  return [...made, ...setOff];
}

/**
 * Takes points from the lots that expire first.
 * @param points at most what is available, so that nothing stays owed
 */
export function spendOnline({ members, member, today }: Desk, points: number): Movement[] {
  return spendFromLots(lotsOf(members.account(member.memberId)), points, today).moves;
}
