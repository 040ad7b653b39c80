import type { Database } from 'better-sqlite3';
import { SIM_STAFF } from './chain.ts';
import type { Chance } from './chance.ts';

/** Tables of rows that headquarters feeds, with the column of their key. */
const TABLES = [
  ['members', 'member_id'],
  ['articles', 'sku'],
  ['staff', 'staff_id'],
  ['feed_rows', 'key'],
] as const;

/** What a fault of a program or of memory makes of a row that lies on a whole page. */
const DAMAGES = {
  missing: (db: Database, table: string, key: string, value: string) =>
    db.prepare(`DELETE FROM ${table} WHERE ${key} = ?`).run(value),
  changed: (db: Database, table: string, key: string, value: string) =>
    db
      .prepare(
        `UPDATE ${table} SET body = replace(body, '"en":"', '"en":"x') || ' ' WHERE ${key} = ?`,
      )
      .run(value),
  old: (db: Database, table: string, key: string, value: string) =>
    db
      .prepare(`UPDATE ${table} SET ver = max(1, ver - 1), body = body || ' ' WHERE ${key} = ?`)
      .run(value),
  young: (db: Database, table: string, key: string, value: string) =>
    db.prepare(`UPDATE ${table} SET ver = ver + 1000 WHERE ${key} = ?`).run(value),
} as const;

/**
 * Changes one row of a live database that headquarters feeds, behind the program's back.
 * @returns what it did, for the trace; undefined = there is no such row
 */
export function damageRow(db: Database, chance: Chance): string | undefined {
  const [table, key] = chance.pick(TABLES);
  const rows = db
    .prepare<[], { value: string }>(
      `SELECT ${key} AS value FROM ${table} WHERE ver > 0 ${table === 'feed_rows' ? "AND tbl = 'tag'" : ''} ORDER BY 1`,
    )
    .all()
    // Without a cashier nothing would be sold.
    .filter(({ value }) => value !== SIM_STAFF);
  if (rows.length === 0) return undefined;
  const { value } = chance.pick(rows);
  const damage = chance.pick(Object.keys(DAMAGES) as (keyof typeof DAMAGES)[]);
  db.pragma('foreign_keys=OFF');
  DAMAGES[damage](db, table, key, value);
  return `row ${value} of ${table} is ${damage}`;
}
