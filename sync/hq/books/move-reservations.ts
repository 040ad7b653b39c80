import type { HqSession } from '../database/database.ts';

/**
 * What merged members have reserved, those whom they were merged into have from here on. Call in the transaction of the
 * merge, under the lock of both accounts, or points that are promised would be promised again.
 */
export async function moveReservations(
  tx: HqSession,
  merged: readonly { readonly fromId: string; readonly toId: string }[],
): Promise<void> {
  if (merged.length === 0) return;
  await tx.query(
    `UPDATE allowances AS a SET member_id = n.to_id FROM unnest($1::text[], $2::text[]) AS n (from_id, to_id)
     WHERE a.member_id = n.from_id AND a.state = 'open'`,
    [merged.map((one) => one.fromId), merged.map((one) => one.toId)],
  );
}
