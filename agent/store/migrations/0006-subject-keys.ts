import type { Migration } from './migration.ts';

/** One key per member for what the ledger seals; erasing it makes the sealed unreadable. `erased_keys` tells an erased key from a lost one. */
export const migration: Migration = {
  version: 6,
  name: 'subject-keys',
  sql: `
    CREATE TABLE subject_keys (
      key_id TEXT PRIMARY KEY,
      subject TEXT NOT NULL UNIQUE,
      key BLOB NOT NULL CHECK (length(key) = 32)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE erased_keys (key_id TEXT PRIMARY KEY, erased_at_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  `,
};
