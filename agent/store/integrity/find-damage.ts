import { statSync } from 'node:fs';
import type Database from 'better-sqlite3';

/** Databases up to this size are checked page by page at every start (about 50 ms per 100,000 rows). */
export const QUICK_CHECK_MAX_BYTES = 64 * 1024 * 1024;
/** Of a bigger one the newest rows of what the till alone knows are read, so many of each table; the rest in idle time. */
export const START_ROWS_MAX = 5_000;

/** What the till alone knows, and needs whole to sell: newest rows first. */
const READ_AT_START: readonly string[] = [
  'SELECT sum(length(header) + length(sealed) + length(hash)) FROM (SELECT * FROM ledger ORDER BY seq DESC LIMIT ?)',
  'SELECT sum(length(body)) FROM (SELECT * FROM outbox ORDER BY no DESC LIMIT ?)',
  'SELECT sum(length(body)) FROM (SELECT * FROM holds ORDER BY rowid DESC LIMIT ?)',
  'SELECT sum(length(delta)) FROM (SELECT * FROM points_movements ORDER BY seq DESC LIMIT ?)',
  'SELECT sum(length(registration) + pos) FROM (SELECT * FROM sync_state LIMIT ?)',
  'SELECT sum(length(value)) FROM (SELECT * FROM meta LIMIT ?)',
  'SELECT sum(length(body)) FROM (SELECT * FROM documents ORDER BY rowid DESC LIMIT ?)',
];

/**
 * The first fault that SQLite finds at a start, or nothing. Throws SQLite's own error where a page cannot be read.
 * @param maxBytes up to which size every page is looked at
 */
export function findDamage(
  db: Database.Database,
  file: string,
  maxBytes: number = QUICK_CHECK_MAX_BYTES,
): string | undefined {
  if (statSync(file).size > maxBytes) {
    for (const sql of READ_AT_START) db.prepare(sql).get(START_ROWS_MAX);
    return undefined;
  }
  const answer = db.pragma('quick_check(1)', { simple: true }) as string;
  return answer === 'ok' ? undefined : answer;
}
