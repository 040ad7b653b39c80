import type { HqSession } from '../database/database.ts';
import { DAMAGED_SQL, holdSequencer, NEXT_SQL, STEP_ROWS } from './digest-step.ts';
import type { DamagedRow } from './publish-anew.ts';
import { lockSources, type ScopeTable, SOURCES } from './sources.ts';

/** Damaged rows that are listed, at most; the next list has the others once these are put right. */
export const LISTED_MAX = 200;

/** A published row. */
export interface PublishedRow extends ScopeTable {
  readonly key: string;
}

/** What was done with a row. */
export type ByHand = 'published' | 'removed' | 'unknown';

/** Goes over everything that is published and lists the rows that are damaged; changes nothing. */
export async function listDamaged(db: HqSession): Promise<PublishedRow[]> {
  const found: PublishedRow[] = [];
  let table: ScopeTable | undefined = { scope: '', tbl: '' };
  for (;;) {
    [table] = await db.query<ScopeTable>(NEXT_SQL, [table.scope, table.tbl]);
    if (table === undefined) return found;
    for (let after: string | undefined = ''; after !== undefined; ) {
      const range = [table.scope, table.tbl, after, STEP_ROWS];
      const rows = await db.query<DamagedRow>(DAMAGED_SQL, range);
      found.push(...rows.map(({ scope, tbl, key }) => ({ scope, tbl, key })));
      if (found.length >= LISTED_MAX) return found.slice(0, LISTED_MAX);
      after = await lastOf(db, range);
    }
  }
}

/** The last key of a step; undefined where it was the last one. */
async function lastOf(
  db: HqSession,
  range: readonly (string | number)[],
): Promise<string | undefined> {
  const [step] = await db.query<{ rows: number; last: string }>(
    `SELECT count(*) AS rows, max(key) AS last FROM (
       SELECT key FROM published WHERE scope = $1 AND tbl = $2 AND key > $3 ORDER BY key LIMIT $4) AS step`,
    range,
  );
  return step === undefined || step.rows < STEP_ROWS ? undefined : step.last;
}

/**
 * Publishes a row as its source has it, and as gone where the source does not have it, under a fresh version: what a person
 * decides where nothing proves by itself what is right. A row of a table that no till knows is taken out of what is
 * published.
 * @param tx a transaction
 */
export async function publishByHand(tx: HqSession, row: PublishedRow): Promise<ByHand> {
  const { scope, tbl, key } = row;
  const source = SOURCES[tbl];
  if (source !== undefined) await lockSources(tx, row, [key]);
  await holdSequencer(tx);
  if (source === undefined) {
    const gone = await tx.query(
      'DELETE FROM published WHERE scope = $1 AND tbl = $2 AND key = $3 RETURNING key',
      [scope, tbl, key],
    );
    return gone.length > 0 ? 'removed' : 'unknown';
  }
  const [right] = await tx.query<{ body: string }>(
    `SELECT s.body FROM (${source.rows}) AS s WHERE s.key = $2`,
    [scope, key],
  );
  // A version that is above all that were ever given would keep the fresh one from being numbered.
  const known = await tx.query(
    `UPDATE published SET ver = CASE WHEN ver > (SELECT last_value FROM row_version) THEN 1 ELSE ver END
     WHERE scope = $1 AND tbl = $2 AND key = $3 RETURNING key`,
    [scope, tbl, key],
  );
  if (known.length === 0 && right === undefined) return 'unknown';
  await tx.query('SELECT publish_row($1, $2, $3, $4, false)', [
    scope,
    tbl,
    key,
    right?.body ?? null,
  ]);
  return right === undefined ? 'removed' : 'published';
}
