import type { Migration } from './migration.ts';

/** Staff with the hash of their PIN and the count of wrong tries. */
export const migration: Migration = {
  version: 3,
  name: 'staff',
  sql: `
    CREATE TABLE staff (
      staff_id TEXT PRIMARY KEY,
      name TEXT NOT NULL,
      role TEXT NOT NULL,
      active INTEGER NOT NULL,
      pin_hash TEXT NOT NULL,
      wrong_pins INTEGER NOT NULL DEFAULT 0,
      locked_until_ms INTEGER NOT NULL DEFAULT 0
    ) STRICT, WITHOUT ROWID;
  `,
};
