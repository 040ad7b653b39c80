import type { Migration } from './migration.ts';

/** Single values about this database: till id, incarnation, settings. */
export const migration: Migration = {
  version: 1,
  name: 'meta',
  sql: `
    CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  `,
};
