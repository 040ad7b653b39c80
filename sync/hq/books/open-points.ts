import { BASE_BUCKET, spendablePoints } from '../../../agent/domain/points/lots.ts';
import type { PointsAccount } from '../../protocol/feed.ts';
import type { HqSession } from '../database/database.ts';
import { lotsOf } from './account.ts';

/** Reservations that do not count: what the asker gives up for the one asked for. */
export interface Exempt {
  readonly tillId: string;
  readonly incarnation: string;
  readonly evaluationId: string | null;
  readonly allowanceId: string;
}

/**
 * Points of one category of an account that nobody has reserved: what a purchase may be paid from on that day, less every
 * open reservation, see {@link spendablePoints}. Call under the lock of the account, under which reservations are made.
 */
export async function availablePoints(
  tx: HqSession,
  account: PointsAccount,
  today: string,
  bucket: string = BASE_BUCKET,
  exempt?: Exempt,
): Promise<number> {
  const rows = await tx.query<{ bucket: string; reserved: number }>(
    `SELECT coalesce(bucket, $6) AS bucket, sum(points)::bigint AS reserved FROM allowances
     WHERE member_id = $1 AND state = 'open' AND kind = 'points' AND allowance_id <> $2
       AND NOT (till_id = $3 AND incarnation = $4 AND evaluation_id = $5)
     GROUP BY coalesce(bucket, $6)`,
    [
      account.memberId,
      exempt?.allowanceId ?? '',
      exempt?.tillId ?? '',
      exempt?.incarnation ?? '',
      exempt?.evaluationId ?? '',
      BASE_BUCKET,
    ],
  );
  const reserved = Object.fromEntries(rows.map((row) => [row.bucket, row.reserved]));
  return spendablePoints(lotsOf(account), today, bucket, reserved);
}
