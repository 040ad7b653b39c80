import type { Migration } from './migration.ts';

/**
 * The version of each row that headquarters feeds; 0 = written here. A row that is gone keeps its version, so that an old
 * one that arrives late does not bring it back. `feed_rows` holds rows of tables without one of their own, and rows that
 * this program cannot read, with the reason.
 */
export const migration: Migration = {
  version: 21,
  name: 'fed-versions',
  sql: `
    ALTER TABLE members ADD COLUMN ver INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE articles ADD COLUMN ver INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE staff ADD COLUMN ver INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE staff ADD COLUMN body TEXT;
    CREATE TABLE feed_rows (
      tbl TEXT NOT NULL,
      key TEXT NOT NULL,
      ver INTEGER NOT NULL,
      body TEXT NOT NULL,
      why TEXT,
      PRIMARY KEY (tbl, key)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX feed_rows_refused ON feed_rows (tbl, key) WHERE why IS NOT NULL;
    CREATE TABLE tombstones (
      tbl TEXT NOT NULL,
      key TEXT NOT NULL,
      ver INTEGER NOT NULL,
      at_ms INTEGER NOT NULL,
      PRIMARY KEY (tbl, key)
    ) STRICT, WITHOUT ROWID;
  `,
};
