import type { Migration } from './migration.ts';

/**
 * Accounts as headquarters sent them, beside the lots as they stand here; the movements of a member are found, so that
 * what headquarters has yet to book is added to its lots again. A lot that was made here knows by which entry.
 */
export const migration: Migration = {
  version: 22,
  name: 'points-accounts',
  sql: `
    CREATE TABLE points_accounts (
      member_id TEXT PRIMARY KEY,
      ver INTEGER NOT NULL,
      body TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    ALTER TABLE points_lots ADD COLUMN made_seq INTEGER;
    CREATE INDEX points_movements_by_member ON points_movements (member_id, seq);
  `,
};
