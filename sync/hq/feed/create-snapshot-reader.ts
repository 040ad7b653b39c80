import { createHash } from 'node:crypto';
import { pipeline, Readable } from 'node:stream';
import { createZstdCompress } from 'node:zlib';
import { Packr } from 'msgpackr';
import { assert } from '../../../agent/contract/result.ts';
import { EVERY_STORE } from '../../protocol/feed.ts';
import { rowHash } from '../../protocol/feed-hash.ts';
import {
  SEGMENT_MAX_BYTES,
  SEGMENT_ROWS,
  type SegmentTrailer,
  type SnapshotStart,
} from '../../protocol/snapshot.ts';
import type { HqDatabase } from '../database/database.ts';
import { TIMELINE } from '../migrate.ts';
import { shownTables } from './hidden-tables.ts';
import type { OnDamaged } from './read-page.ts';
import { notPutAsideSql } from './roots-sql.ts';

/** Rows that are read from the database at a time: what a segment holds in memory. */
export const CHUNK_ROWS = 2_000;
/** Bytes of bodies that are read at a time, at most; one row always is. */
export const CHUNK_MAX_BYTES = 4 * 1024 * 1024;
/** Room for the trailer in a segment, in bytes. */
const TRAILER_BYTES = 4 * 1024;

export interface SegmentQuery {
  readonly storeId: string;
  readonly protocol: number;
  readonly table: string;
  /** Rows whose key comes after this, in bytes of UTF-8. */
  readonly after: string;
}

export interface SegmentLimits {
  readonly maxRows: number;
  readonly maxBytes: number;
}

/** Reads what a till that starts afresh takes, from the same rows that the feed has. */
export interface SnapshotReader {
  /** Where the feed stands and what there is to fetch, of one state. */
  start(storeId: string, protocol: number): Promise<SnapshotStart>;
  /**
   * The bytes of a segment (see `segmentTrailerSchema`), compressed as they are read and read no faster than they are
   * taken. Throws in the middle, without a trailer, where the database fails. A table that tills of this protocol do not
   * know has no rows.
   */
  readSegment(query: SegmentQuery): AsyncIterable<Uint8Array>;
}

const START_SQL = `
  SELECT (SELECT value FROM hq_meta WHERE name = '${TIMELINE}') AS timeline, h.pos, h.chain, c.tbl, c.n
  FROM feed_head h LEFT JOIN (
    SELECT tbl, count(*) AS n FROM published
    WHERE scope IN ('${EVERY_STORE}', $1) AND body IS NOT NULL GROUP BY tbl
  ) AS c ON true
`;

function liveAfterSql(scope: string, table: string): string {
  return `(SELECT key, ver, body, hash FROM published p
    WHERE scope = ${scope} AND tbl = $2 AND key > $3 AND body IS NOT NULL ${notPutAsideSql(table)}
    ORDER BY key LIMIT $4)`;
}

/** $1 store, $2 table, $3 key, $4 rows, $5 bytes at most. */
const chunkSql = (table: string) => `
  WITH found AS MATERIALIZED (
    SELECT key, ver, body, hash FROM (
      ${liveAfterSql(`'${EVERY_STORE}'`, table)} UNION ALL ${liveAfterSql('$1', table)}
    ) AS both_scopes ORDER BY key, ver DESC LIMIT $4
  )
  SELECT key, ver, body, hash FROM (
    SELECT *, sum(octet_length(body)) OVER (ORDER BY key, ver DESC) - octet_length(body) AS bytes_before FROM found
  ) AS measured WHERE bytes_before < $5 ORDER BY key, ver DESC
`;

interface SnapshotRow {
  readonly key: string;
  readonly ver: number;
  readonly body: string;
  readonly hash: string;
}

/** A reader of snapshots. */
export function createSnapshotReader({
  db,
  limits = { maxRows: SEGMENT_ROWS, maxBytes: SEGMENT_MAX_BYTES },
  onDamaged = () => {},
}: {
  readonly db: HqDatabase;
  readonly limits?: SegmentLimits;
  readonly onDamaged?: OnDamaged;
}): SnapshotReader {
  const packr = new Packr({ useRecords: false });

  function readChunk({ storeId, table }: SegmentQuery, after: string, rows: number) {
    return db.query<SnapshotRow>(chunkSql(table), [storeId, table, after, rows, CHUNK_MAX_BYTES]);
  }

  /** MessagePack of the segment, a chunk at a time. */
  async function* packSegment(query: SegmentQuery): AsyncGenerator<Buffer> {
    const { table, protocol } = query;
    const hash = createHash('sha256');
    let lastKey = query.after;
    let rows = 0;
    let bytes = TRAILER_BYTES;
    let done = !shownTables(protocol).some((shown) => shown === table);
    let full = false;
    while (!done && !full) {
      const chunk = await readChunk(query, lastKey, Math.min(CHUNK_ROWS, limits.maxRows - rows));
      const parts: Buffer[] = [];
      for (const row of chunk) {
        if (row.key === lastKey) continue;
        const packed = packr.pack([row.key, row.ver, row.body]);
        full = rows > 0 && bytes + packed.length > limits.maxBytes;
        if (full) break;
        if (rowHash([table, row.key, row.ver, row.body]) !== row.hash)
          onDamaged(query.storeId, table, row.key);
        parts.push(packed);
        hash.update(row.hash);
        lastKey = row.key;
        rows++;
        bytes += packed.length;
      }
      done = chunk.length === 0;
      full ||= rows >= limits.maxRows;
      if (parts.length > 0) yield Buffer.concat(parts);
    }
    const trailer: SegmentTrailer = { table, rows, lastKey, done, hash: hash.digest('hex') };
    yield packr.pack(trailer);
  }

  return {
    async start(storeId, protocol) {
      const rows = await db.query<{
        timeline: string;
        pos: number;
        chain: string;
        tbl: string | null;
        n: number;
      }>(START_SQL, [storeId]);
      const [first] = rows;
      assert(first, 'the feed has a head');
      const { timeline, pos, chain } = first;
      const counts = new Map(rows.map(({ tbl, n }) => [tbl, n]));
      return {
        start: { timeline, pos, chain },
        tables: shownTables(protocol).map((table) => ({ table, rows: counts.get(table) ?? 0 })),
      };
    },
    readSegment(query) {
      const compressed = createZstdCompress();
      // A failure on either side destroys the other; whoever reads `compressed` gets the error.
      pipeline(Readable.from(packSegment(query)), compressed, () => {});
      return compressed;
    },
  };
}
