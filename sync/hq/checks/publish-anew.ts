import type { HqSession } from '../database/database.ts';
import { SOURCES } from './sources.ts';

/** A row of `published` whose body or version is damaged. */
export interface DamagedRow {
  readonly scope: string;
  readonly tbl: string;
  readonly key: string;
  readonly body: string | null;
}

/**
 * Publishes a damaged row as an ordinary change of its source: under a fresh version, so that every till gets it.
 * @param tx a transaction that has locked the source (see `lockSources`)
 * @param isBodyProved the body is what was published: where the source is gone, the row should be gone too
 * @returns false where the source says what the damaged row says, or is gone and the body is not proved
 */
export async function publishAnew(
  tx: HqSession,
  { scope, tbl, key, body }: DamagedRow,
  isBodyProved = false,
): Promise<boolean> {
  const source = SOURCES[tbl];
  if (source === undefined) return false;
  const [right] = await tx.query<{ body: string }>(
    `SELECT s.body FROM (${source.rows}) AS s WHERE s.key = $2`,
    [scope, key],
  );
  if (right === undefined && !isBodyProved) return false;
  const rightBody = right?.body ?? null;
  if (rightBody === body) return false;
  await tx.query('SELECT publish_row($1, $2, $3, $4, false)', [scope, tbl, key, rightBody]);
  return true;
}
