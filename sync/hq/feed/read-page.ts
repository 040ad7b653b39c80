import { assert, err, ok, type Result } from '../../../agent/contract/result.ts';
import {
  type Cursor,
  EVERY_STORE,
  type FeedRow,
  PAGE_MAX_ROWS,
  type Page,
} from '../../protocol/feed.ts';
import { pageHash, rowHash } from '../../protocol/feed-hash.ts';
import { type HqFailure, hqFailure } from '../../protocol/hq-error.ts';
import { CHECKS_SINCE } from '../../protocol/version.ts';
import type { HqSession } from '../database/database.ts';
import { TIMELINE } from '../migrate.ts';
import { hiddenTables, shownTables } from './hidden-tables.ts';
import { readRoots, rootsTextSql } from './roots-sql.ts';
import { BATCH_MAX_BYTES, PAGE_BYTES_SQL } from './sequence-batch.ts';

export interface PageQuery {
  readonly storeId: string;
  readonly cursor: Cursor;
  /** Of the till: rows of tables that it does not know are left out. */
  readonly protocol: number;
  /** {@link PAGE_MAX_ROWS} unless said. One batch of the sequencer is sent whole even where it has more. */
  readonly maxRows?: number;
  /**
   * Roots in an exact page: of every table, or of those with rows in it. Absent = none; tills before {@link CHECKS_SINCE}
   * never get any.
   */
  readonly roots?: 'all' | 'changed' | undefined;
}

/** Every row carries what was read beside it in the same snapshot; without rows there is one with `pos` null. */
/** Told of a row whose hash is not that of what it says, wherever it is read for a till. */
export type OnDamaged = (storeId: string, table: string, key: string) => void;

interface Line {
  readonly timeline: string;
  readonly headPos: number;
  readonly headChain: string;
  readonly floorPos: number;
  readonly knownChain: string | null;
  readonly toPos: number;
  readonly toChain: string;
  readonly pos: number | null;
  readonly tbl: string;
  readonly key: string;
  readonly ver: number;
  readonly body: string | null;
  readonly hash: string;
  /** See `rootsTextSql`; on the first line only. */
  readonly roots: string | null;
}

/** The next rows of one scope, one more than a page has: a walk along its index (see `createTableCare`). */
function rowsAfterSql(scope: string): string {
  return `(SELECT pos, tbl, key, ver, body, hash FROM published
    WHERE scope = ${scope} AND pos > $2 AND tbl <> ALL ($3::text[])
    ORDER BY pos LIMIT ${PAGE_MAX_ROWS + 1})`;
}

/**
 * All in one statement, hence one snapshot: head, marks and rows belong together. $1 store, $2 position, $3 tables left
 * out, $4 rows, $5 bytes at most, $6 tables whose roots may be told, $7 whether also of those without rows in the page.
 *
 * `cut` is the first row that does not fit; the page ends at the last mark before it, and where not even one batch fits
 * (a limit below the sequencer's) at the first mark.
 */
const PAGE_SQL = `
  WITH found AS MATERIALIZED (
    ${rowsAfterSql(`'${EVERY_STORE}'`)} UNION ALL ${rowsAfterSql('$1')}
  ), measured AS MATERIALIZED (
    SELECT *, row_number() OVER line AS nth, sum(${PAGE_BYTES_SQL}) OVER line AS bytes
    FROM found WINDOW line AS (ORDER BY pos)
  ), cut AS (
    SELECT min(pos) AS pos FROM measured WHERE nth > $4 OR bytes > $5
  ), stop AS MATERIALIZED (
    SELECT CASE WHEN cut.pos IS NULL THEN (SELECT pos FROM feed_head) ELSE coalesce(
      (SELECT max(m.pos) FROM feed_marks m WHERE m.pos < cut.pos AND m.pos > $2),
      (SELECT min(m.pos) FROM feed_marks m WHERE m.pos > $2)
    ) END AS pos
    FROM cut
  ), place AS MATERIALIZED (
    SELECT (SELECT value FROM hq_meta WHERE name = '${TIMELINE}') AS timeline,
      h.pos AS "headPos", h.chain AS "headChain", h.floor_pos AS "floorPos",
      (SELECT chain FROM feed_marks WHERE pos = $2) AS "knownChain",
      stop.pos AS "toPos", m.chain AS "toChain"
    FROM feed_head h CROSS JOIN stop LEFT JOIN feed_marks m ON m.pos = stop.pos
  )
  SELECT place.*, r.pos, r.tbl, r.key, r.ver, r.body, r.hash,
    CASE WHEN coalesce(r.nth, 1) = 1 AND place."toPos" = place."headPos" THEN ${rootsTextSql(`
      SELECT told FROM unnest($6::text[]) AS told WHERE $7 OR told IN (SELECT m.tbl FROM measured m)`)}
    END AS roots
  FROM place LEFT JOIN measured r ON r.pos <= place."toPos" ORDER BY r.pos
`;

/**
 * The rows after a cursor in a store's scope, as much as fits one page; at the head an empty page whose `to` is `from`.
 * Roots are of the same moment as head and rows: what a till holds that has applied everything up to `to`.
 * A row that is not what its hash says is sent all the same: the till refuses the page, and asks again.
 * Refuses a cursor that is not one of this feed (`cursor-unknown`) or from before what was purged (`cursor-too-old`).
 */
export async function readPage(
  db: HqSession,
  { storeId, cursor, protocol, maxRows = PAGE_MAX_ROWS, roots: wanted }: PageQuery,
  onDamaged: OnDamaged = () => {},
): Promise<Result<Page, HqFailure>> {
  const lines = await db.query<Line>(PAGE_SQL, [
    storeId,
    cursor.pos,
    hiddenTables(protocol),
    Math.min(maxRows, PAGE_MAX_ROWS),
    BATCH_MAX_BYTES,
    wanted === undefined || protocol < CHECKS_SINCE ? [] : shownTables(protocol),
    wanted === 'all',
  ]);
  const [first] = lines;
  assert(first, 'the feed has a head');
  if (cursor.timeline !== first.timeline) return err(hqFailure('cursor-unknown'));
  if (cursor.pos < first.floorPos) return err(hqFailure('cursor-too-old'));
  if (cursor.chain !== first.knownChain) return err(hqFailure('cursor-unknown'));
  const to: Cursor = { timeline: first.timeline, pos: first.toPos, chain: first.toChain };
  const filled = first.pos === null ? [] : newestOfKeys(lines);
  const rows = filled.map(({ tbl, key, ver, body }): FeedRow => [tbl, key, ver, body]);
  for (const [nth, row] of rows.entries())
    if (rowHash(row) !== filled[nth]?.hash) onDamaged(storeId, row[0], row[1]);
  const roots = readRoots(first.roots);
  const told = roots.length === 0 ? {} : { roots };
  const hash = pageHash(
    storeId,
    { from: cursor, to, ...told },
    filled.map((line) => line.hash),
  );
  const exact = first.toPos === first.headPos;
  return ok({ from: cursor, to, rows, count: rows.length, hash, exact, ...told });
}

/** A key may stand in both scopes (staff that moves between them): a page has its newer version only. */
function newestOfKeys(lines: readonly Line[]): readonly Line[] {
  const newest = new Map<string, number>();
  const nameOf = ({ tbl, key }: Line): string => `${tbl}\n${key}`;
  for (const line of lines)
    newest.set(nameOf(line), Math.max(line.ver, newest.get(nameOf(line)) ?? 0));
  if (newest.size === lines.length) return lines;
  return lines.filter((line) => newest.get(nameOf(line)) === line.ver);
}
