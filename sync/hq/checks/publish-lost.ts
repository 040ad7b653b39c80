import { assert } from '../../../agent/contract/result.ts';
import type { HqSession } from '../database/database.ts';
import { FIT_SQL } from '../feed/sequence-batch.ts';
import { lockSources, type ScopeTable, SOURCES, type Source } from './sources.ts';

/** Of rows `s`, those that `published` lacks. $1 scope, $2 table. */
const LACKS_SQL = `NOT EXISTS (
  SELECT 1 FROM published p WHERE p.scope = $1 AND p.tbl = $2 AND p.key = s.key)`;

/**
 * Of the next rows of a source those that `published` lacks; what no till could read was never there. So many rows are
 * read, whatever the planner thinks of how many are lacking. $3 key, $4 rows.
 */
const lackingSql = ({ rows, keys = rows }: Source): string => `
  WITH near AS MATERIALIZED (
    SELECT s.key FROM (${keys}) AS s WHERE s.key > $3 ORDER BY s.key LIMIT $4
  )
  SELECT reach.rows, reach.last, array(
    SELECT s.key FROM (${rows}) AS s
    WHERE s.key = ANY (array(SELECT key FROM near)) AND ${FIT_SQL} AND ${LACKS_SQL} ORDER BY s.key
  ) AS keys
  FROM (SELECT count(*) AS rows, max(key) AS last FROM near) AS reach`;

const NOT_COMING_SQL = `
  SELECT s.key FROM unnest($3::text[]) AS s (key)
  WHERE NOT EXISTS (SELECT 1 FROM outbox o WHERE o.scope = $1 AND o.tbl = $2 AND o.key = s.key)`;

/** Rows of a source that `published` lacks. */
export interface LackingRows {
  /** There are some, on their way or not. */
  readonly lacks: boolean;
  /** There are some that are not on their way. */
  readonly lost: boolean;
}

/** Looks through a whole source once. */
export async function lackingRows(tx: HqSession, { scope, tbl }: ScopeTable): Promise<LackingRows> {
  const none = { lacks: false, lost: false };
  const source = SOURCES[tbl];
  if (source === undefined) return none;
  const [line] = await tx.query<LackingRows>(
    `SELECT count(*) > 0 AS lacks, count(*) > count(o.key) AS lost
     FROM (SELECT s.key FROM (${source.rows}) AS s WHERE ${FIT_SQL} AND ${LACKS_SQL}) AS s
     LEFT JOIN (SELECT DISTINCT key FROM outbox WHERE scope = $1 AND tbl = $2) AS o ON o.key = s.key`,
    [scope, tbl],
  );
  return line ?? none;
}

/** What was done with the next rows of a source. */
export interface LostRows {
  /** Rows that were lost and not on their way. */
  readonly found: number;
  readonly published: number;
  /** The last row that was looked at; null = there is none behind. */
  readonly last: string | null;
}

const NOTHING_LOST: LostRows = { found: 0, published: 0, last: null };

/**
 * Publishes those of the next rows of a source that `published` lacks and that are not on their way, as an ordinary change
 * under a fresh version.
 * @param tx a transaction
 * @param from rows after `sourceKey` are looked at, null = from the first one
 * @param mostRows rows that are looked at, at most
 */
export async function publishLost(
  tx: HqSession,
  { scope, tbl, sourceKey }: ScopeTable & { readonly sourceKey: string | null },
  mostRows: number,
): Promise<LostRows> {
  const source = SOURCES[tbl];
  if (source === undefined) return NOTHING_LOST;
  const [near] = await tx.query<{ rows: number; last: string | null; keys: string[] }>(
    lackingSql(source),
    [scope, tbl, sourceKey ?? '', mostRows],
  );
  assert(near, 'an aggregate has one line');
  const last = near.rows < mostRows ? null : near.last;
  if (near.keys.length === 0) return { ...NOTHING_LOST, last };
  const lost = await tx.query<{ key: string }>(NOT_COMING_SQL, [scope, tbl, near.keys]);
  if (lost.length === 0) return { ...NOTHING_LOST, last };
  const keys = lost.map(({ key }) => key);
  await lockSources(tx, { scope, tbl }, keys);
  // Between the look and the lock a row may have gone.
  const published = await tx.query(
    `SELECT publish_row($1, $3, s.key, s.body, false) FROM (${source.rows}) AS s WHERE s.key = ANY ($2::text[])`,
    [scope, keys, tbl],
  );
  return { found: lost.length, published: published.length, last };
}

/** Whether the source has any of some rows for a scope, as a till could read it. */
export async function sourceHas(
  db: HqSession,
  { scope, tbl }: ScopeTable,
  keys: readonly string[],
): Promise<boolean> {
  const source = SOURCES[tbl];
  if (source === undefined || keys.length === 0) return false;
  const [line] = await db.query<{ has: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM (${source.rows}) AS s WHERE s.key = ANY ($2::text[]) AND ${FIT_SQL}) AS has`,
    [scope, keys],
  );
  return line?.has === true;
}
