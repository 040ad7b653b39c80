import type Database from 'better-sqlite3';
import { err, ok, type Result } from '../../contract/index.ts';
import { migrate } from '../migrate.ts';
import { MIGRATIONS } from '../migrations.ts';
import { type OpenError, openError } from '../open-error.ts';
import { openDatabase } from '../sqlite/open-database.ts';
import { type CopiedTable, copyTable, isUnreadable } from './copy-table.ts';
import { withoutTriggers } from './without-triggers.ts';

/**
 * Rows of one cached table that are brought over, the first ones. A till waits for it, about a quarter of a minute for each
 * million; headquarters has them all, but may be out of reach, and the till should know people meanwhile.
 */
export const CACHE_ROWS_MAX = 2_000_000;
/** Tables that headquarters fills again. */
const CACHED: readonly string[] = [
  'members',
  'member_cards',
  'articles',
  'points_lots',
  'points_accounts',
  'feed_rows',
  'tombstones',
];
/** Tables about the file itself, and digests of rows that headquarters sends anew: a fresh file says that it has none. */
const LEFT_OUT = /^(migrations|snapshot_.*|fed_.*|digest_state|sqlite_.*)$/;

/**
 * Makes a fresh database with the schema of the damaged one and copies what can be read.
 * @param cacheRowsMax of one table that headquarters fills again
 */
export function copyRows(
  from: string,
  to: string,
  key: Uint8Array,
  nowMs: number,
  cacheRowsMax: number = CACHE_ROWS_MAX,
): Result<Map<string, CopiedTable>, OpenError> {
  const version = versionOf(from, key);
  if (version === undefined)
    return err(openError('database-unreadable', `${from}: no page that says what is in it`));
  if (version > MIGRATIONS.length)
    return err(
      openError('schema-newer', `schema ${version}, this program knows ${MIGRATIONS.length}`),
    );
  const old = openDatabase(from, key, false);
  const db = openDatabase(to, key, true);
  try {
    db.pragma('synchronous=OFF');
    db.pragma('foreign_keys=OFF');
    const migrated = migrate(db, MIGRATIONS.slice(0, version), nowMs);
    if (!migrated.ok) return migrated;
    const copied = db.transaction(() =>
      withoutTriggers(db, () => copyTables(old, db, cacheRowsMax)),
    )();
    db.pragma('synchronous=FULL');
    db.pragma('wal_checkpoint(TRUNCATE)');
    return ok(copied);
  } finally {
    old.close();
    db.close();
  }
}

function versionOf(path: string, key: Uint8Array): number | undefined {
  try {
    const db = openDatabase(path, key, false);
    try {
      return db.pragma('user_version', { simple: true }) as number;
    } finally {
      db.close();
    }
  } catch (error) {
    if (isUnreadable(error)) return undefined;
    throw error;
  }
}

function copyTables(
  old: Database.Database,
  db: Database.Database,
  cacheRowsMax: number,
): Map<string, CopiedTable> {
  const tables = db
    .prepare<[], { name: string }>(
      `SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`,
    )
    .all()
    .map(({ name }) => name)
    .filter((name) => !LEFT_OUT.test(name));
  const copied = new Map<string, CopiedTable>();
  for (const table of tables) {
    db.exec(`DELETE FROM ${table}`);
    const most = CACHED.includes(table) ? cacheRowsMax : Number.POSITIVE_INFINITY;
    copied.set(table, copyTable(old, db, table, most));
  }
  if (tables.includes('points_movements')) copyNamedLots(old, db);
  return copied;
}

/** Lots of this till's own movements: what waits for headquarters cannot be told without them. */
function copyNamedLots(old: Database.Database, db: Database.Database): void {
  const named = db
    .prepare<[], { member_id: string; lot_id: string }>(`
      SELECT DISTINCT member_id, lot_id FROM points_movements m WHERE NOT EXISTS
        (SELECT 1 FROM points_lots p WHERE p.member_id = m.member_id AND p.lot_id = m.lot_id)`)
    .all();
  if (named.length === 0) return;
  const columns = db.pragma('table_info(points_lots)') as { readonly name: string }[];
  const names = columns.map(({ name }) => name).join(', ');
  const find = old
    .prepare<[string, string], unknown[]>(
      `SELECT ${names} FROM points_lots WHERE member_id = ? AND lot_id = ?`,
    )
    .raw();
  const insert = db.prepare(
    `INSERT OR IGNORE INTO points_lots (${names}) VALUES (${columns.map(() => '?').join(', ')})`,
  );
  for (const { member_id, lot_id } of named) {
    try {
      const row = find.get(member_id, lot_id);
      if (row !== undefined) insert.run(...row);
    } catch (error) {
      // It lies on a page that is lost, and is made again from its entry.
      if (!isUnreadable(error)) throw error;
    }
  }
}
