import type { Migration } from './migration.ts';

/** Members identified at this till by business day. */
export const migration: Migration = {
  version: 15,
  name: 'visits',
  sql: `
    CREATE TABLE visits (
      day TEXT NOT NULL,
      member_id TEXT NOT NULL,
      first_seen_ms INTEGER NOT NULL,
      last_seen_ms INTEGER NOT NULL,
      served_ms INTEGER,
      PRIMARY KEY (day, member_id)
    ) STRICT, WITHOUT ROWID;
  `,
};
