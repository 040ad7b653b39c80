import { assert, err, ok, type Result } from '../../../agent/contract/result.ts';
import type { CheckRequest, RowsReply } from '../../protocol/check.ts';
import { EVERY_STORE } from '../../protocol/feed.ts';
import type { HqFailure } from '../../protocol/hq-error.ts';
import { NODE_BYTES } from '../../protocol/tree-shape.ts';
import type { HqSession } from '../database/database.ts';
import { heldRowsSql } from './level-sums.ts';
import { cursorRefusal, PLACE_SQL, type PlaceLine } from './read-place.ts';

type RowsRequest = Extract<CheckRequest, { t: 'rows' }>;

/**
 * One statement, hence one state: the cursor's judgement, the rows that are wanted by digest and those named by key.
 * $1 store, $3 buckets, $4 and $5 words of wanted digests, $6 keys, $7 bytes of bodies at most; $2 is the table in
 * `heldRowsSql` and the position in `PLACE_SQL`, hence the place has a number of its own.
 */
const rowsSql = (table: string): string => `
  WITH wanted AS (
    SELECT p.key FROM ${heldRowsSql(table)} AND p.bucket = ANY($3::int[])
      AND (p.d0, p.d1) IN (SELECT a, b FROM unnest($4::int[], $5::int[]) AS w (a, b))
  ), asked AS MATERIALIZED (
    SELECT key FROM wanted UNION SELECT own COLLATE "C" FROM unnest($6::text[]) AS own
  ), latest AS MATERIALIZED (
    SELECT asked.key, p.ver, p.pos, p.body FROM asked LEFT JOIN LATERAL (
      SELECT ver, pos, body FROM published
      WHERE scope IN ('${EVERY_STORE}', $1) AND tbl = $2 AND key = asked.key ORDER BY ver DESC LIMIT 1
    ) AS p ON true
  ), told AS (
    SELECT *, sum(coalesce(octet_length(body), 0)) OVER (ORDER BY key) - coalesce(octet_length(body), 0) AS bytes_before,
      row_number() OVER (ORDER BY key) AS nth
    FROM latest WHERE pos IS NULL OR pos <= $8
  )
  SELECT place.*, (SELECT count(*) FROM wanted) AS found,
    (SELECT count(*) FROM latest WHERE pos > $8) AS later, (SELECT count(*) FROM told) AS all_told,
    t.nth, t.key, coalesce(t.ver, 0) AS ver, t.body
  FROM (${PLACE_SQL.replace('$2', '$8')}) AS place
  LEFT JOIN told t ON t.nth = 1 OR t.bytes_before + coalesce(octet_length(t.body), 0) <= $7
  ORDER BY t.nth`;

interface Line extends PlaceLine {
  readonly found: number;
  readonly later: number;
  readonly all_told: number;
  readonly nth: number | null;
  readonly key: string;
  readonly ver: number;
  readonly body: string | null;
}

/**
 * The rows that a till asks for, as the feed told them up to the till's place. What changed behind that place, rows whose
 * wanted digest is gone among them, is left out and counted.
 * @param mostBytes of bodies; what is beyond is left out and told by `more`, the first row never
 */
export async function readRightRows(
  db: HqSession,
  storeId: string,
  { table, cursor, buckets, wanted, own }: RowsRequest,
  mostBytes: number,
): Promise<Result<RowsReply, HqFailure>> {
  const digests = bytesOf(wanted);
  const count = digests.length / NODE_BYTES;
  const wordsAt = (offset: number): number[] =>
    Array.from({ length: count }, (_, i) => digests.readInt32BE(NODE_BYTES * i + offset));
  // The database holds no such character, so nobody here has such a key.
  const impossible = own.filter((key) => key.includes('\0'));
  const lines = await db.query<Line>(rowsSql(table), [
    storeId,
    table,
    numbersOf(buckets),
    wordsAt(0),
    wordsAt(4),
    own.filter((key) => !key.includes('\0')),
    mostBytes,
    cursor.pos,
  ]);
  const [first] = lines;
  assert(first, 'the feed has a head');
  const refused = cursorRefusal(cursor, first);
  if (refused !== undefined) return err(refused);
  const told = first.nth === null ? [] : lines;
  return ok({
    rows: [
      ...told.map(({ key, ver, body }): RowsReply['rows'][number] => [key, ver, body]),
      ...impossible.map((key): RowsReply['rows'][number] => [key, 0, null]),
    ],
    later: first.later + Math.max(0, count - first.found),
    more: told.length < first.all_told,
  });
}

/** Numbers of 2 bytes each, big-endian. */
export function numbersOf(packed: Uint8Array): number[] {
  const bytes = bytesOf(packed);
  return Array.from({ length: bytes.length / 2 }, (_, i) => bytes.readUInt16BE(2 * i));
}

/** The same bytes with a buffer's ways to read them. */
export function bytesOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
