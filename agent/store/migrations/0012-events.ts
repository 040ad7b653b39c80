import type { Migration } from './migration.ts';

/** Events of the till with gap-free numbers, for readers that resume. */
export const migration: Migration = {
  version: 12,
  name: 'events',
  sql: `
    CREATE TABLE events (seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
  `,
};
