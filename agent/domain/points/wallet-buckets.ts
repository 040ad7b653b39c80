import type { PointsLot } from '../../contract/member.ts';
import { WALLET_MAX_BUCKETS, type WalletBucket } from '../../contract/wallet.ts';
import {
  balances,
  byName,
  expiringPoints,
  inSpendingOrder,
  pendingPoints,
  spendablePoints,
} from './lots.ts';

/** The day of a wallet, and what is promised of the points in it. */
export interface WalletDay {
  readonly today: string;
  /** The last day of what counts as expiring soon. */
  readonly until: string;
  /** Points that running sales reserve, by category. */
  readonly reserved: Readonly<Record<string, number>>;
}

/**
 * A member's points by category on a day: `base` first, then by name; only categories that hold or owe something, and at
 * most {@link WALLET_MAX_BUCKETS}.
 */
export function walletBuckets(
  lots: readonly PointsLot[],
  { today, until, reserved }: WalletDay,
): WalletBucket[] {
  const balance = balances(lots, today);
  const named = new Set(lots.map((lot) => lot.bucket));
  const shown = byName(named).flatMap((bucket) => {
    const own = lots.filter((lot) => lot.bucket === bucket);
    const pending = pendingPoints(own, today).points;
    const held = balance.get(bucket);
    if (pending === 0 && held === undefined) return [];
    const isOwed = held !== undefined && held < 0;
    const expiring = expiringPoints(own, today, until);
    return [
      {
        bucket,
        available: isOwed ? held : spendablePoints(lots, today, bucket, reserved),
        pending,
        expiringSoon: expiring.points,
        ...(expiring.firstOn === undefined ? {} : { firstExpiryOn: expiring.firstOn }),
      },
    ];
  });
  return shown.slice(0, WALLET_MAX_BUCKETS);
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
