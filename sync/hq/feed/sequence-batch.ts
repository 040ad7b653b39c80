import { assert } from '../../../agent/contract/result.ts';
import { PAGE_MAX_BYTES, PAGE_MAX_ROWS, ROW_MAX_BYTES } from '../../protocol/feed.ts';
import type { HqDatabase } from '../database/database.ts';
import {
  bucketSql,
  digestBytesSql,
  keyBytesSql,
  ROW_HASH_SQL,
  WORD_MASK,
  wordSql,
  wordSumSql,
} from './digest-sql.ts';

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

/** Whether tills can read a row, of columns `key` and `body`. */
export const FIT_SQL = `(coalesce(octet_length(body), 0) <= ${ROW_MAX_BYTES}
  AND char_length(key) BETWEEN 1 AND ${KEY_MAX} AND strpos(key, E'\\n') = 0)`;

/** Keeps a hash from being computed anew in each place that uses it. */
const ONCE = 'OFFSET 0';
/** A piece of SQL for each word of a digest. */
const words = (one: (word: number) => string): string => [0, 1, 2, 3].map(one).join(', ');

/**
 * The whole batch in one statement, so that no body leaves the database. $1 rows, $2 bytes at most.
 * The chain value is that of `nextChain`, the digest that of `rowDigest`; a root moves by what its rows' digests changed.
 */
const BATCH_SQL = `
  WITH urgent_rows AS MATERIALIZED (
    SELECT * FROM outbox WHERE urgent ORDER BY id LIMIT $1
  ), bulk_rows AS MATERIALIZED (
    SELECT * FROM outbox WHERE NOT urgent ORDER BY id
    LIMIT greatest($1 - (SELECT count(*) FROM urgent_rows), 0)
  ), candidates AS (
    SELECT *, ${FIT_SQL} AS fit
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
  ), sifted AS (
    SELECT l.*, p.d0 AS was0, p.d1 AS was1, p.d2 AS was2, p.d3 AS was3,
      (SELECT pos FROM feed_head) + row_number() OVER (ORDER BY l.urgent DESC, l.id) AS pos
    FROM latest l LEFT JOIN published p ON p.scope = l.scope AND p.tbl = l.tbl AND p.key = l.key
    WHERE p.ver IS NULL OR p.ver < l.ver
  ), hashed AS (
    SELECT *, ${ROW_HASH_SQL} AS hash, ${keyBytesSql('key')} AS key_bytes FROM sifted ${ONCE}
  ), digested AS (
    SELECT *, CASE WHEN body IS NOT NULL THEN ${digestBytesSql('hash')} END AS digest FROM hashed ${ONCE}
  ), numbered AS MATERIALIZED (
    SELECT *, ${bucketSql('key_bytes')} AS bucket, ${words((i) => `${wordSql('digest', i)} AS d${i}`)} FROM digested
  ), put AS (
    INSERT INTO published (scope, tbl, key, pos, ver, body, hash, urgent, at_ms, bucket, d0, d1, d2, d3)
    SELECT scope, tbl, key, pos, ver, body, hash, urgent, at_ms, bucket, d0, d1, d2, d3 FROM numbered
    ON CONFLICT (scope, tbl, key) DO UPDATE SET pos = excluded.pos, ver = excluded.ver,
      body = excluded.body, hash = excluded.hash, urgent = excluded.urgent, at_ms = excluded.at_ms,
      bucket = excluded.bucket, ${words((i) => `d${i} = excluded.d${i}`)}
  ), rooted AS (
    INSERT INTO feed_roots AS r (scope, tbl, rows, s0, s1, s2, s3)
    SELECT scope, tbl, count(d0) - count(was0),
      ${words((i) => `(${wordSumSql(`d${i}`)} - ${wordSumSql(`was${i}`)}) & ${WORD_MASK}`)}
    FROM numbered GROUP BY scope, tbl
    ON CONFLICT (scope, tbl) DO UPDATE SET rows = r.rows + excluded.rows,
      ${words((i) => `s${i} = (r.s${i} + excluded.s${i}) & ${WORD_MASK}`)}
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
