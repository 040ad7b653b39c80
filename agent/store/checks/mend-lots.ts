import type { StoreIdentity } from '../create-store.ts';
import { remakeLots } from '../salvage/remake-lots.ts';
import type { Connection } from '../sqlite/connection.ts';

/** Name under which a scrub goes through the lots that entries here moved, behind the accounts. */
export const LOTS = 'points:lots';

/**
 * Lots that a movement of this till names are always here, because goods may come back to them; what was sold since is in no
 * account. One that is lost is made again as after a salvage, of the account or the entry; without an account, of what
 * headquarters has yet to receive, as where an account is removed.
 * @returns members after `after`, `limit` of them; `to` absent = that were the last ones
 */
export function createMendLots(
  connection: Connection,
  identity: StoreIdentity,
  nowMs: () => number,
): (after: string, limit: number) => { readonly mended: number; readonly to?: string } {
  const members = connection.statement<{ n: number; last: string | null }>(`
    SELECT count(*) AS n, max(member_id) AS last FROM (
      SELECT DISTINCT member_id FROM points_movements WHERE member_id > ? ORDER BY member_id LIMIT ?)`);
  const homeless = connection.statement(`
    SELECT 1 FROM points_movements m WHERE m.member_id > ? AND m.member_id <= ? AND NOT EXISTS (
      SELECT 1 FROM points_lots p WHERE p.member_id = m.member_id AND p.lot_id = m.lot_id) LIMIT 1`);

  const received = connection.statement<{ seq: number }>(
    'SELECT received_seq AS seq FROM sync_state',
  );

  return (after, limit) => {
    const { n, last } = members.get(after, limit) ?? { n: 0, last: null };
    if (last === null) return { mended: 0 };
    // All at once: this is rare, and so is a second one behind.
    const isLost = homeless.get(after, last) !== undefined;
    const mended = isLost ? remakeLots(connection, identity, nowMs(), received.get()?.seq ?? 0) : 0;
    return n < limit ? { mended } : { mended, to: last };
  };
}
