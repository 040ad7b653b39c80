import type { HqDatabase } from '../database/database.ts';

/** Rows through the outbox before the tables are looked after for the first time. */
export const CARE_FIRST_ROWS = 1_000;
/** Each time it is this many times more ... */
const CARE_GROWTH = 4;
/** ... until so many. */
export const CARE_MOST_ROWS = 256_000;

/** Keeps the planner's picture of the feed's tables right. */
export interface TableCare {
  /** Told of every batch. */
  after(rows: number): Promise<void>;
}

/**
 * A planner that never counted takes the feed for a few hundred rows and sorts the whole of it for every page. A server
 * counts by itself, but only after a minute, which the first load of a chain does not wait for; PGlite never does, nor
 * does it ever give the room of deleted rows free.
 */
export function createTableCare(db: HqDatabase): TableCare {
  const verb = db.engine === 'pglite' ? 'VACUUM ANALYZE' : 'ANALYZE';
  let due = CARE_FIRST_ROWS;
  let rowsSince = 0;
  return {
    async after(rows) {
      rowsSince += rows;
      if (rowsSince < due) return;
      rowsSince = 0;
      due = Math.min(due * CARE_GROWTH, CARE_MOST_ROWS);
      for (const table of ['outbox', 'published', 'feed_roots', 'feed_marks', 'feed_head'])
        await db.script(`${verb} ${table}`);
    },
  };
}
