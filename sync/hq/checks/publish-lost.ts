import type { HqSession } from '../database/database.ts';
import { FIT_SQL } from '../feed/sequence-batch.ts';
import { SOURCES } from './sources.ts';

/** A table of a scope. */
export interface ScopeTable {
  readonly scope: string;
  readonly tbl: string;
}

/** Rows of a source that `published` lacks; what no till could read was never there. $1 scope, $2 table. */
const lackingSql = (rows: string): string => `
  SELECT s.key FROM (${rows}) AS s WHERE ${FIT_SQL}
    AND NOT EXISTS (SELECT 1 FROM published p WHERE p.scope = $1 AND p.tbl = $2 AND p.key = s.key)`;
const NOT_COMING_SQL =
  'AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.scope = $1 AND o.tbl = $2 AND o.key = s.key)';

/** Whether the source has rows that `published` lacks, on their way or not. */
export async function lacksRows(tx: HqSession, { scope, tbl }: ScopeTable): Promise<boolean> {
  const source = SOURCES[tbl];
  if (source === undefined) return false;
  const [line] = await tx.query<{ lacks: boolean }>(
    `SELECT EXISTS (${lackingSql(source.rows)}) AS lacks`,
    [scope, tbl],
  );
  return line?.lacks === true;
}

/**
 * Publishes rows that the source has, `published` lacks and that are not on their way, as an ordinary change under a
 * fresh version.
 * @param tx a transaction
 * @param mostRows rows at once, at most
 * @returns `found` is `mostRows` where there may be more
 */
export async function publishLost(
  tx: HqSession,
  { scope, tbl }: ScopeTable,
  mostRows: number,
): Promise<{ readonly found: number; readonly published: number }> {
  const source = SOURCES[tbl];
  if (source === undefined) return { found: 0, published: 0 };
  const lost = await tx.query<{ key: string }>(
    `${lackingSql(source.rows)} ${NOT_COMING_SQL} ORDER BY s.key LIMIT $3`,
    [scope, tbl, mostRows],
  );
  if (lost.length === 0) return { found: 0, published: 0 };
  const keys = lost.map(({ key }) => key);
  for (const locking of source.locks)
    await tx.query(locking, locking.includes('$1') ? [scope, keys] : []);
  // Between the look and the lock a row may have gone.
  const published = await tx.query(
    `SELECT publish_row($1, $3, s.key, s.body, false) FROM (${source.rows}) AS s WHERE s.key = ANY ($2::text[])`,
    [scope, keys, tbl],
  );
  return { found: lost.length, published: published.length };
}

/** Whether the source has any of some rows for a scope. */
export async function sourceHas(
  db: HqSession,
  { scope, tbl }: ScopeTable,
  keys: readonly string[],
): Promise<boolean> {
  const source = SOURCES[tbl];
  if (source === undefined || keys.length === 0) return false;
  const [line] = await db.query<{ has: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM (${source.rows}) AS s WHERE s.key = ANY ($2::text[])) AS has`,
    [scope, keys],
  );
  return line?.has === true;
}
