import type { HqDatabase } from '../database/database.ts';

/** Tombstones that one statement deletes, so that no lock is held for long. */
export const PURGE_CHUNK_ROWS = 5_000;

export interface Purge {
  /** Tombstones and marks younger than this stay, in milliseconds (`TOMBSTONES_KEPT_DAYS`). */
  readonly keepMs: number;
  readonly nowMs: number;
}

export interface Purged {
  readonly tombstones: number;
  readonly marks: number;
  /** Cursors below it are too old from here on. */
  readonly floorPos: number;
}

/** The floor goes up to the last mark that is old enough, in the transaction that forgets the marks before it. */
const RAISE_SQL = `
  WITH floor AS (
    SELECT greatest(max(m.pos), max(h.floor_pos)) AS pos
    FROM feed_head h LEFT JOIN feed_marks m ON m.at_ms <= $1
  ), raised AS (
    UPDATE feed_head SET floor_pos = floor.pos FROM floor
  ), forgotten AS (
    DELETE FROM feed_marks m USING floor WHERE m.pos < floor.pos RETURNING 1
  )
  SELECT floor.pos AS "floorPos", (SELECT count(*) FROM forgotten) AS marks FROM floor
`;

const FORGET_SQL = `
  WITH old AS (
    SELECT scope, tbl, key, ver FROM published WHERE body IS NULL AND pos <= $1 LIMIT ${PURGE_CHUNK_ROWS}
  ), gone AS (
    DELETE FROM published p USING old
    WHERE p.scope = old.scope AND p.tbl = old.tbl AND p.key = old.key AND p.ver = old.ver
    RETURNING 1
  )
  SELECT count(*) AS n FROM gone
`;

/**
 * Forgets tombstones and marks that are old enough. The floor is raised first: a till whose cursor lies below it could
 * miss a deletion and is told to take a snapshot, and every cursor at or above it has seen what is forgotten.
 */
export async function purgeFeed(db: HqDatabase, { keepMs, nowMs }: Purge): Promise<Purged> {
  const [raised] = await db.query<{ floorPos: number; marks: number }>(RAISE_SQL, [nowMs - keepMs]);
  const floorPos = raised?.floorPos ?? 0;
  let tombstones = 0;
  for (;;) {
    const [row] = await db.query<{ n: number }>(FORGET_SQL, [floorPos]);
    const n = row?.n ?? 0;
    tombstones += n;
    if (n < PURGE_CHUNK_ROWS) break;
  }
  return { tombstones, marks: raised?.marks ?? 0, floorPos };
}
