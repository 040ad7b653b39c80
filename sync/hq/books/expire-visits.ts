import { ok } from '../../../agent/contract/result.ts';
import type { HqSession } from '../database/database.ts';
import type { HqDeps } from '../deps.ts';
import { transact } from './transact.ts';

/** A store carries a visitor for so many days after the last sale or look-up there. */
export const VISITS_KEPT_DAYS = 180;
/** ... and for so many hours whomever a look-up answered among others, unless they were served. */
export const LOOKUPS_KEPT_HOURS = 24;
/** Visits that end in one transaction. */
export const VISITS_CHUNK_ROWS = 500;

const HOUR_MS = 60 * 60_000;
/** Whether a visit is over. $1 and $2: visits and look-ups noted before these times. */
const IS_OVER_SQL = `(s.reason = 'visit' AND s.since_ms < $1 OR s.reason = 'lookup' AND s.since_ms < $2)`;

/** Those that are over first: of one reason, so that the index by it and time gives them and nothing else. $1 time, $2 rows. */
const overSql = (reason: 'visit' | 'lookup'): string => `
  SELECT member_id, store_id FROM member_scopes WHERE reason = '${reason}' AND since_ms < $1
  ORDER BY since_ms LIMIT $2`;

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
  const nowMs = deps.nowMs();
  const before = [
    nowMs - VISITS_KEPT_DAYS * 24 * HOUR_MS,
    nowMs - LOOKUPS_KEPT_HOURS * HOUR_MS,
  ] as const;
  let ended = 0;
  for (const [reason, overBefore] of [
    ['visit', before[0]],
    ['lookup', before[1]],
  ] as const)
    for (;;) {
      const old = await deps.db.query<Visit>(overSql(reason), [overBefore, VISITS_CHUNK_ROWS]);
      const done = await transact(deps, async (tx) => ok(await end(tx, old, before)));
      // Too much is going on: the rest ends the next time.
      if (!done.ok) return ended;
      ended += done.value;
      if (old.length < VISITS_CHUNK_ROWS || done.value === 0) break;
    }
  return ended;
}

/** Members first and in their order, as bookings lock them; a visit that was noted meanwhile goes on. */
async function end(
  tx: HqSession,
  visits: readonly Visit[],
  before: readonly number[],
): Promise<number> {
  if (visits.length === 0) return 0;
  const ids = visits.map((one) => one.member_id);
  await tx.query("SET LOCAL tillside.bulk = 'on'");
  await tx.query('SELECT 1 FROM members WHERE member_id = ANY($1) ORDER BY member_id FOR UPDATE', [
    ids,
  ]);
  const gone = await tx.query(
    `DELETE FROM member_scopes s USING unnest($3::text[], $4::text[]) AS n (member_id, store_id)
     WHERE s.member_id = n.member_id AND s.store_id = n.store_id AND ${IS_OVER_SQL} RETURNING 1`,
    [...before, ids, visits.map((one) => one.store_id)],
  );
  return gone.length;
}
