import { assert } from '../../../agent/contract/result.ts';
import { PAGE_MAX_BYTES, PAGE_MAX_ROWS, ROW_MAX_BYTES } from '../../protocol/feed.ts';
import type { HqDatabase } from '../database/database.ts';

/** Rows of one batch at most, so that a page can always end at the mark behind it. */
export const BATCH_MAX_ROWS = PAGE_MAX_ROWS;
/** Bytes of one batch's rows in a page at most, for the same reason; the rest of the page is its frame. */
export const BATCH_MAX_BYTES = PAGE_MAX_BYTES - 64 * 1024;
/** Key of a row at most, in characters (see `feedRowSchema`). */
const KEY_MAX = 128;

/** The advisory lock that makes one sequencer at a time, over all processes of HQ. */
export const SEQUENCER_LOCK = 7_464_002;
/** Channel that writers wake the sequencer by. */
export const OUTBOX_CHANNEL = 'tillside_outbox';
/** Channel that tells the position of the head. */
export const FEED_CHANNEL = 'tillside_feed';

export interface BatchLimits {
  readonly maxRows: number;
  readonly maxBytes: number;
}

/** What one batch did. */
export interface Batch {
  /** Outbox rows taken away. */
  readonly taken: number;
  /** Rows that got a number; fewer than taken where several changed the same key. */
  readonly numbered: number;
  /** Rows that no till could read, told as alarms and left out. */
  readonly unfit: number;
  /** When the oldest row taken was written, epoch milliseconds; null where none was taken. */
  readonly oldestMs: number | null;
  /** The head afterwards. */
  readonly pos: number;
}

/**
 * Bytes of a row in a page's JSON, at most: quotes and backslashes of the body double there, and a body, being JSON,
 * holds no bare control characters.
 */
export const PAGE_BYTES_SQL = `(2 * coalesce(octet_length(body), 0) + 2 * octet_length(key) + 64)`;

/** The row hash of `rowHash`. */
const ROW_HASH_SQL = `left(encode(sha256(convert_to(
  tbl || E'\\n' || key || E'\\n' || ver || E'\\n' || coalesce(body, ''), 'UTF8')), 'hex'), 32)`;

/**
 * The whole batch in one statement, so that no body leaves the database. $1 rows, $2 bytes at most.
 * The chain value is that of `nextChain`.
 */
const BATCH_SQL = `
  WITH urgent_rows AS MATERIALIZED (
    SELECT * FROM outbox WHERE urgent ORDER BY id LIMIT $1
  ), bulk_rows AS MATERIALIZED (
    SELECT * FROM outbox WHERE NOT urgent ORDER BY id
    LIMIT greatest($1 - (SELECT count(*) FROM urgent_rows), 0)
  ), candidates AS (
    SELECT *, coalesce(octet_length(body), 0) <= ${ROW_MAX_BYTES}
        AND char_length(key) BETWEEN 1 AND ${KEY_MAX} AND strpos(key, E'\\n') = 0 AS fit
    FROM (SELECT * FROM urgent_rows UNION ALL SELECT * FROM bulk_rows) AS both_kinds
  ), measured AS (
    SELECT *, row_number() OVER line AS nth,
      sum(CASE WHEN fit THEN ${PAGE_BYTES_SQL} ELSE 0 END) OVER line AS bytes_so_far
    FROM candidates WINDOW line AS (ORDER BY urgent DESC, id)
  ), picked AS MATERIALIZED (
    SELECT * FROM measured WHERE nth = 1 OR bytes_so_far <= $2
  ), taken AS (
    DELETE FROM outbox WHERE id IN (SELECT id FROM picked)
  ), told AS (
    INSERT INTO alarms (at_ms, code, detail)
    SELECT at_ms, 'feed-row-unfit',
      json_build_object('table', tbl, 'key', left(key, ${KEY_MAX}), 'bytes', octet_length(body))::text
    FROM picked WHERE NOT fit
  ), latest AS (
    SELECT DISTINCT ON (scope, tbl, key) * FROM picked WHERE fit ORDER BY scope, tbl, key, ver DESC
  ), numbered AS MATERIALIZED (
    SELECT l.*, ${ROW_HASH_SQL} AS hash,
      (SELECT pos FROM feed_head) + row_number() OVER (ORDER BY urgent DESC, id) AS pos
    FROM latest l
    WHERE NOT EXISTS (
      SELECT 1 FROM published p
      WHERE p.scope = l.scope AND p.tbl = l.tbl AND p.key = l.key AND p.ver >= l.ver
    )
  ), put AS (
    INSERT INTO published (scope, tbl, key, pos, ver, body, hash, urgent, at_ms)
    SELECT scope, tbl, key, pos, ver, body, hash, urgent, at_ms FROM numbered
    ON CONFLICT (scope, tbl, key) DO UPDATE SET pos = excluded.pos, ver = excluded.ver,
      body = excluded.body, hash = excluded.hash, urgent = excluded.urgent, at_ms = excluded.at_ms
  ), mark AS MATERIALIZED (
    SELECT max(pos) AS pos, encode(sha256(convert_to(
        E'tillside/feed/1\\n' || (SELECT chain FROM feed_head) || E'\\n' || max(pos) || E'\\n'
        || string_agg(hash, '' ORDER BY pos), 'UTF8')), 'hex') AS chain
    FROM numbered HAVING count(*) > 0
  ), marked AS (
    INSERT INTO feed_marks (pos, chain, at_ms)
    SELECT pos, chain, (extract(epoch FROM clock_timestamp()) * 1000)::bigint FROM mark
  ), moved AS (
    UPDATE feed_head SET pos = mark.pos, chain = mark.chain FROM mark
  )
  SELECT (SELECT count(*) FROM picked) AS taken,
    (SELECT count(*) FROM numbered) AS numbered,
    (SELECT count(*) FROM picked WHERE NOT fit) AS unfit,
    (SELECT min(at_ms) FROM picked) AS "oldestMs",
    coalesce((SELECT pos FROM mark), (SELECT pos FROM feed_head)) AS pos,
    (SELECT pg_notify('${FEED_CHANNEL}', mark.pos::text) IS NULL FROM mark) AS heard
`;

/**
 * Numbers the next rows of the outbox, the urgent ones first, in one transaction; null where another sequencer is at it.
 *
 * The number is given when the writer has committed, so that no reader can pass a row that appears behind it later. The
 * lock is taken in a statement of its own: the batch then sees all that the sequencer before it committed.
 */
export async function sequenceBatch(db: HqDatabase, limits: BatchLimits): Promise<Batch | null> {
  return await db.transaction(async (tx) => {
    const [lock] = await tx.query<{ mine: boolean }>(
      `SELECT pg_try_advisory_xact_lock(${SEQUENCER_LOCK}) AS mine`,
    );
    if (lock?.mine !== true) return null;
    const [batch] = await tx.query<Batch>(BATCH_SQL, [limits.maxRows, limits.maxBytes]);
    assert(batch, 'a batch tells what it did');
    return batch;
  });
}
