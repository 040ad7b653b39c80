import { ok } from '../../../agent/contract/result.ts';
import type { HqSession } from '../database/database.ts';
import type { HqDeps } from '../deps.ts';
import { transact } from './transact.ts';

/** A store carries a visitor for so many days after the last sale or look-up there. */
export const VISITS_KEPT_DAYS = 180;
/** Visits that end in one transaction. */
export const VISITS_CHUNK_ROWS = 500;

const KEPT_MS = VISITS_KEPT_DAYS * 24 * 60 * 60_000;

interface Visit {
  readonly member_id: string;
  readonly store_id: string;
}

/**
 * Ends visits that are long over: the store's tills are told to forget the member, whom any of them finds again by a
 * look-up. Members who belong to the store stay.
 * @returns how many visits ended
 */
export async function expireVisits(deps: Pick<HqDeps, 'db' | 'log' | 'nowMs'>): Promise<number> {
  const beforeMs = deps.nowMs() - KEPT_MS;
  let ended = 0;
  for (let after: Visit = { member_id: '', store_id: '' }; ; ) {
    const old = await deps.db.query<Visit>(
      `SELECT member_id, store_id FROM member_scopes
       WHERE reason = 'visit' AND since_ms < $1 AND (member_id, store_id) > ($2, $3)
       ORDER BY member_id, store_id LIMIT $4`,
      [beforeMs, after.member_id, after.store_id, VISITS_CHUNK_ROWS],
    );
    const done = await transact(deps, async (tx) => ok(await end(tx, old, beforeMs)));
    // Too much is going on: the rest ends the next time.
    if (!done.ok) return ended;
    ended += done.value;
    const last = old.at(-1);
    if (last === undefined || old.length < VISITS_CHUNK_ROWS) return ended;
    after = last;
  }
}

/** Members first and in their order, as bookings lock them; a visit that was noted meanwhile goes on. */
async function end(tx: HqSession, visits: readonly Visit[], beforeMs: number): Promise<number> {
  if (visits.length === 0) return 0;
  const ids = visits.map((one) => one.member_id);
  await tx.query("SET LOCAL tillside.bulk = 'on'");
  await tx.query('SELECT 1 FROM members WHERE member_id = ANY($1) ORDER BY member_id FOR UPDATE', [
    ids,
  ]);
  const gone = await tx.query(
    `DELETE FROM member_scopes s USING unnest($1::text[], $2::text[]) AS n (member_id, store_id)
     WHERE s.member_id = n.member_id AND s.store_id = n.store_id AND s.reason = 'visit' AND s.since_ms < $3
     RETURNING 1`,
    [ids, visits.map((one) => one.store_id), beforeMs],
  );
  return gone.length;
}
