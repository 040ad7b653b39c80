import { assert, type Result } from '../../../agent/contract/result.ts';
import {
  type Cursor,
  EVERY_STORE,
  type FeedRow,
  PAGE_MAX_ROWS,
  type Page,
} from '../../protocol/feed.ts';
import type { HqFailure } from '../../protocol/hq-error.ts';
import type { HqDatabase } from '../database/database.ts';
import type { HqLog } from '../deps.ts';
import { TIMELINE } from '../migrate.ts';
import { hiddenTables } from './hidden-tables.ts';
import { type Purge, type Purged, purgeFeed } from './purge-feed.ts';
import { type OnDamaged, type PageQuery, readPage } from './read-page.ts';
import { BATCH_MAX_BYTES, FEED_CHANNEL, PAGE_BYTES_SQL } from './sequence-batch.ts';

/** Rows that `behind` counts at most: above it the figure says "at least". */
export const BEHIND_MAX = 10_000;

export interface ExpressQuery {
  readonly storeId: string;
  /** Rows up to here were sent before. */
  readonly afterPos: number;
  readonly protocol: number;
}

/** Urgent rows ahead of their turn. */
export interface Express {
  readonly rows: readonly FeedRow[];
  /** `afterPos` of the next call. */
  readonly toPos: number;
}

/** Reads the feed; every call is one statement on one state. */
export interface FeedReader {
  /** See `readPage`. */
  readPage(query: PageQuery): Promise<Result<Page, HqFailure>>;
  /** The urgent rows of a store's scope after a position, one page at most. */
  readExpress(query: ExpressQuery): Promise<Express>;
  head(): Promise<Cursor>;
  /** About how many rows lie between a position and the head for a store, {@link BEHIND_MAX} at most. */
  behind(storeId: string, pos: number): Promise<number>;
  /**
   * Calls `onHead` with the head when it moved, and after a lost connection. Moves that come while the head is being
   * read are one call. Gives a function that ends it.
   */
  watch(onHead: (head: Cursor) => void): Promise<() => Promise<void>>;
  /** See `purgeFeed`. */
  purge(options: Purge): Promise<Purged>;
}

const IN_SCOPE = `scope IN ('${EVERY_STORE}', $1)`;

const HEAD_SQL = `SELECT (SELECT value FROM hq_meta WHERE name = '${TIMELINE}') AS timeline, pos, chain
  FROM feed_head`;

/** As in `readPage`, of the index of urgent rows. */
function urgentAfterSql(scope: string): string {
  return `(SELECT pos, tbl, key, ver, body FROM published
    WHERE urgent AND scope = ${scope} AND pos > $2 AND tbl <> ALL ($3::text[])
    ORDER BY pos LIMIT ${PAGE_MAX_ROWS})`;
}

/** $1 store, $2 position, $3 tables left out, $4 bytes at most. */
const EXPRESS_SQL = `
  WITH found AS MATERIALIZED (
    SELECT * FROM (${urgentAfterSql(`'${EVERY_STORE}'`)} UNION ALL ${urgentAfterSql('$1')}) AS both_scopes
    ORDER BY pos LIMIT ${PAGE_MAX_ROWS}
  ), measured AS (
    SELECT *, sum(${PAGE_BYTES_SQL}) OVER (ORDER BY pos) AS bytes FROM found
  )
  SELECT h.pos AS "headPos", (SELECT count(*) FROM found) AS found, m.*
  FROM feed_head h LEFT JOIN measured m ON m.bytes <= $4 ORDER BY m.pos
`;

interface ExpressLine {
  readonly headPos: number;
  readonly found: number;
  readonly pos: number | null;
  readonly tbl: string;
  readonly key: string;
  readonly ver: number;
  readonly body: string | null;
}

/** A reader of the feed. */
export function createFeedReader({
  db,
  log = () => {},
  onDamaged,
}: {
  readonly db: HqDatabase;
  readonly log?: HqLog;
  readonly onDamaged?: OnDamaged;
}): FeedReader {
  async function head(): Promise<Cursor> {
    const [row] = await db.query<Cursor>(HEAD_SQL);
    assert(row, 'the feed has a head');
    return row;
  }

  return {
    readPage: (query) => readPage(db, query, onDamaged),
    head,
    purge: (options) => purgeFeed(db, options),

    async readExpress({ storeId, afterPos, protocol }) {
      const lines = await db.query<ExpressLine>(EXPRESS_SQL, [
        storeId,
        afterPos,
        hiddenTables(protocol),
        BATCH_MAX_BYTES,
      ]);
      const [first] = lines;
      assert(first, 'the feed has a head');
      if (first.pos === null) return { rows: [], toPos: Math.max(afterPos, first.headPos) };
      const rows = lines.map(({ tbl, key, ver, body }): FeedRow => [tbl, key, ver, body]);
      const all = lines.length === first.found && first.found < PAGE_MAX_ROWS;
      return { rows, toPos: all ? first.headPos : (lines.at(-1)?.pos ?? afterPos) };
    },

    async behind(storeId, pos) {
      const [row] = await db.query<{ n: number }>(
        `SELECT count(*) AS n FROM (
          SELECT 1 FROM published WHERE ${IN_SCOPE} AND pos > $2 LIMIT ${BEHIND_MAX}) AS counted`,
        [storeId, pos],
      );
      return row?.n ?? 0;
    },

    async watch(onHead) {
      let stopped = false;
      let reading = false;
      let again = false;
      async function tell(): Promise<void> {
        again = true;
        if (reading) return;
        reading = true;
        try {
          while (again && !stopped) {
            again = false;
            const at = await head();
            if (!stopped) onHead(at);
          }
        } finally {
          reading = false;
        }
      }
      const stop = await db.listen(FEED_CHANNEL, () => {
        tell().catch((error: Error) =>
          // It is told with the next move, or when the connection stands again.
          log('warn', 'the head of the feed could not be read', { error: error.message }),
        );
      });
      return async () => {
        stopped = true;
        await stop();
      };
    },
  };
}
