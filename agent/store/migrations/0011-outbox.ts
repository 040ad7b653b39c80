import type { Migration } from './migration.ts';

/** What headquarters has yet to receive, in the order in which it happened. */
export const migration: Migration = {
  version: 11,
  name: 'outbox',
  sql: `
    CREATE TABLE outbox (
      no INTEGER PRIMARY KEY,
      kind TEXT NOT NULL,
      seq INTEGER NOT NULL,
      at_ms INTEGER NOT NULL
    ) STRICT;
  `,
};
