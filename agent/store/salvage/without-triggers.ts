import type Database from 'better-sqlite3';

/** Rows come over as they are, so what watches over changes stands aside. */
export function withoutTriggers<T>(db: Database.Database, work: () => T): T {
  const triggers = db
    .prepare<[], { name: string; sql: string }>(
      `SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'`,
    )
    .all();
  for (const { name } of triggers) db.exec(`DROP TRIGGER ${name}`);
  const result = work();
  for (const { sql } of triggers) db.exec(sql);
  return result;
}
