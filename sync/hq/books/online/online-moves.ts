import { toInstant } from '../../../../agent/contract/time.ts';
import { addDays } from '../../../../agent/domain/calendar/day.ts';
import { BASE_BUCKET, spendFromLots } from '../../../../agent/domain/points/lots.ts';
import { inSpendingOrder, lotIdOf, type Movement } from '../account.ts';
import type { Desk } from './book-online.ts';

/** Points in a lot of its own, good for the rule set's number of days. */
export function earnOnline(
  { today, atMs }: Desk,
  { name, points, validDays }: { name: string; points: number; validDays: number | undefined },
): Movement[] {
  if (points === 0) return [];
  const lotId = lotIdOf(name);
  return [
    {
      lotId,
      delta: points,
      lot: {
        earnedAt: toInstant(atMs),
        ...(validDays === undefined ? {} : { expiresOn: addDays(today, validDays) }),
        channel: 'online',
        bucket: BASE_BUCKET,
        source: lotId,
      },
    },
  ];
}

/**
 * Takes points from the lots that expire first.
 * @param points at most what is available, so that nothing stays owed
 */
export function spendOnline({ members, member, today }: Desk, points: number): Movement[] {
  return spendFromLots(inSpendingOrder(members.account(member.memberId)), points, today).moves;
}
