import { assert } from '../../../agent/contract/result.ts';
import type { HqSession } from '../database/database.ts';
import type { ImportKind } from './import-fields.ts';

/** The system that rows come from unless it is named. */
export const DEFAULT_SOURCE = 'main';
/** Characters of a source's name. */
export const SOURCE_NAME_MAX_CHARS = 64;

/** How far a table was read by a column that only grows. */
export interface SinceMark {
  readonly table: string;
  readonly column: string;
  readonly value: string;
}

/** The number of a source, which is made where it is not known. */
export async function sourceIdOf(
  session: HqSession,
  kind: ImportKind,
  name: string,
): Promise<number> {
  await session.query(
    'INSERT INTO import_sources (kind, name) VALUES ($1, $2) ON CONFLICT (kind, name) DO NOTHING',
    [kind, name],
  );
  const id = await findSource(session, kind, name);
  assert(id !== undefined, 'a source that was made is there');
  return id;
}

export async function findSource(
  session: HqSession,
  kind: ImportKind,
  name: string,
): Promise<number | undefined> {
  const [row] = await session.query<{ source_id: number }>(
    'SELECT source_id FROM import_sources WHERE kind = $1 AND name = $2',
    [kind, name],
  );
  return row === undefined ? undefined : Number(row.source_id);
}

/** Notes that these keys came from a source: what lies at HQ by it and leaves it later is told from members who joined. */
export async function noteImported(
  tx: HqSession,
  sourceId: number,
  keys: readonly string[],
): Promise<void> {
  if (keys.length === 0) return;
  await tx.query(
    `INSERT INTO imported_rows (source_id, key)
     SELECT $1::int, key FROM unnest($2::text[]) AS key ORDER BY key
     ON CONFLICT (source_id, key) DO NOTHING`,
    [sourceId, [...new Set(keys)]],
  );
}

/** Up to which value the last finished import of a source had read a table's column. */
export async function readSince(
  session: HqSession,
  kind: ImportKind,
  name: string,
  { table, column }: Omit<SinceMark, 'value'>,
): Promise<string | undefined> {
  const [row] = await session.query<{ since: string | null }>(
    'SELECT since FROM import_sources WHERE kind = $1 AND name = $2',
    [kind, name],
  );
  if (row?.since == null) return undefined;
  const mark = JSON.parse(row.since) as SinceMark;
  return mark.table === table && mark.column === column ? mark.value : undefined;
}

export async function writeSince(
  session: HqSession,
  sourceId: number,
  mark: SinceMark,
): Promise<void> {
  await session.query('UPDATE import_sources SET since = $2 WHERE source_id = $1', [
    sourceId,
    JSON.stringify(mark),
  ]);
}
