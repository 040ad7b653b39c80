import type { Migration } from './migration.ts';

/** The member cache. `body` is the whole member as JSON; the other columns only find it. */
export const migration: Migration = {
  version: 2,
  name: 'members',
  sql: `
    CREATE TABLE members (
      no INTEGER PRIMARY KEY,
      member_id TEXT NOT NULL UNIQUE,
      gsrn TEXT,
      phone_reversed TEXT,
      body TEXT NOT NULL
    ) STRICT;
    CREATE INDEX members_by_gsrn ON members (gsrn) WHERE gsrn IS NOT NULL;
    CREATE INDEX members_by_phone_end ON members (phone_reversed, member_id) WHERE phone_reversed IS NOT NULL;
    CREATE TABLE member_cards (
      card TEXT PRIMARY KEY,
      member_no INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
  `,
};
