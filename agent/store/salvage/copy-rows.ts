import type Database from 'better-sqlite3';
import { err, ok, type Result } from '../../contract/index.ts';
import { migrate } from '../migrate.ts';
import { MIGRATIONS } from '../migrations.ts';
import { type OpenError, openError } from '../open-error.ts';
import { openDatabase } from '../sqlite/open-database.ts';
import { type CopiedTable, copyTable, isUnreadable } from './copy-table.ts';
import { withoutTriggers } from './without-triggers.ts';

/** Rows of one cached table that are brought over; a till waits for it, and headquarters has them all. */
export const CACHE_ROWS_MAX = 200_000;
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
/** Tables about the file itself, and digests of rows that headquarters sends anew. */
const LEFT_OUT = /^(migrations|snapshot_.*|fed_.*|sqlite_.*)$/;

/** Makes a fresh database with the schema of the damaged one and copies what can be read. */
export function copyRows(
  from: string,
  to: string,
  key: Uint8Array,
  nowMs: number,
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
    const copied = db.transaction(() => withoutTriggers(db, () => copyTables(old, db)))();
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

function copyTables(old: Database.Database, db: Database.Database): Map<string, CopiedTable> {
  const tables = db
    .prepare<[], { name: string }>(
      `SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`,
    )
    .all()
    .map(({ name }) => name)
    .filter((name) => !LEFT_OUT.test(name));
  const copied = new Map<string, CopiedTable>();
  for (const table of tables) {
    if (CACHED.includes(table) && isTooLong(old, table)) {
      copied.set(table, { table, rows: 0, state: 'part', endRead: false });
      continue;
    }
    db.exec(`DELETE FROM ${table}`);
    copied.set(table, copyTable(old, db, table));
  }
  return copied;
}

function isTooLong(old: Database.Database, table: string): boolean {
  try {
    const counted = old
      .prepare<[number], { n: number }>(
        `SELECT count(*) AS n FROM (SELECT 1 FROM ${table} LIMIT ?)`,
      )
      .get(CACHE_ROWS_MAX + 1);
    return (counted?.n ?? 0) > CACHE_ROWS_MAX;
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return false;
  }
}
