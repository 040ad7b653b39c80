import { FENCED_KEPT_MS } from '../books/reconcile.ts';
import type { HqDeps } from '../deps.ts';

/**
 * Gives back what tills have reserved that HQ lets speak no more: revoked, copied, or with another database since. One
 * rule with `reconcile`: {@link FENCED_KEPT_MS} after the reservation was made, for no hold lasts so long.
 * @returns how many
 */
export async function releaseFenced({ db, nowMs }: Pick<HqDeps, 'db' | 'nowMs'>): Promise<number> {
  const now = nowMs();
  // In the order of the id, as uploads lock them.
  const released = await db.query(
    `WITH fenced AS (
       SELECT a.allowance_id FROM allowances a JOIN tills t ON t.till_id = a.till_id
       WHERE a.state = 'open' AND a.created_at_ms < $1
         AND (t.state IN ('revoked', 'copied') OR a.incarnation IS DISTINCT FROM t.incarnation)
       ORDER BY a.allowance_id FOR UPDATE OF a
     )
     UPDATE allowances a SET state = 'released', closed_at_ms = $2 FROM fenced
     WHERE a.allowance_id = fenced.allowance_id RETURNING 1`,
    [now - FENCED_KEPT_MS, now],
  );
  return released.length;
}
