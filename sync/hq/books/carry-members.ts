import type { HqSession } from '../database/database.ts';

/** Which store carries members from when on, and why. */
export interface Carrying {
  readonly storeId: string;
  /**
   * `visit`: they were served or looked up there. `home`: they joined there. `lookup`: they were one of several whom a
   * look-up answered, of whom nobody was served as yet.
   */
  readonly reason: 'visit' | 'home' | 'lookup';
  readonly atMs: number;
}

/** A visit is noted again after so long, in milliseconds, so that not every sale writes it. */
export const VISIT_NOTED_AGAIN_MS = 24 * 60 * 60_000;

/**
 * Makes a store carry members: its tills get their rows from here on, and learn when they are erased. A store that carries
 * them already goes on; where it does for a visit or a look-up, `since_ms` is when the last one was noted (see
 * `expireVisits`).
 */
export async function carryMembers(
  session: HqSession,
  { storeId, reason, atMs }: Carrying,
  memberIds: Iterable<string>,
): Promise<void> {
  const ids = [...new Set(memberIds)].sort();
  if (ids.length === 0) return;
  await session.query(
    `INSERT INTO member_scopes AS s (member_id, store_id, reason, since_ms)
     SELECT id, $2, $3, $4 FROM unnest($1::text[]) AS id
     ON CONFLICT (member_id, store_id) DO UPDATE SET since_ms = excluded.since_ms,
       reason = CASE s.reason WHEN 'lookup' THEN excluded.reason ELSE s.reason END
     WHERE s.reason = 'lookup'
       OR s.reason = 'visit' AND excluded.reason <> 'lookup' AND s.since_ms <= excluded.since_ms - $5::bigint`,
    [ids, storeId, reason, atMs, VISIT_NOTED_AGAIN_MS],
  );
}
