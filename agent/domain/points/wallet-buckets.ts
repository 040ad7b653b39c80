import type { PointsLot } from '../../contract/member.ts';
import type { WalletBucket } from '../../contract/wallet.ts';
import { balances, byName, expiringPoints, inSpendingOrder, pendingPoints } from './lots.ts';

/**
 * A member's points by category on a day: `base` first, then by name; only categories that hold or owe something.
 * @param until the last day of what counts as expiring soon
 */
export function walletBuckets(
  lots: readonly PointsLot[],
  today: string,
  until: string,
): WalletBucket[] {
  const available = balances(lots, today);
  const named = new Set(lots.map((lot) => lot.bucket));
  return byName(named).flatMap((bucket) => {
    const own = lots.filter((lot) => lot.bucket === bucket);
    const pending = pendingPoints(own, today).points;
    if (pending === 0 && !available.has(bucket)) return [];
    const expiring = expiringPoints(own, today, until);
    return [
      {
        bucket,
        available: available.get(bucket) ?? 0,
        pending,
        expiringSoon: expiring.points,
        ...(expiring.firstOn === undefined ? {} : { firstExpiryOn: expiring.firstOn }),
      },
    ];
  });
}

/** The lots that a wallet lists, in spending order: what expired is gone, what is owed or waits is there. */
export function walletLots(lots: readonly PointsLot[], today: string, most: number): PointsLot[] {
  return inSpendingOrder(lots)
    .filter(
      ({ points, expiresOn }) =>
        points < 0 || (points > 0 && (expiresOn === undefined || expiresOn >= today)),
    )
    .slice(0, most);
}
