import type { Migration } from './migration.ts';

/**
 * Where the till stands with headquarters, in one row: its registration, its place in the feed, its session proofs, and
 * what headquarters has received and backed up.
 */
export const migration: Migration = {
  version: 19,
  name: 'sync-state',
  sql: `
    CREATE TABLE sync_state (
      one INTEGER PRIMARY KEY CHECK (one = 1),
      registration TEXT,
      timeline TEXT,
      pos INTEGER,
      chain TEXT,
      proof TEXT,
      staged_proof TEXT,
      received_no INTEGER NOT NULL DEFAULT 0,
      received_seq INTEGER NOT NULL DEFAULT 0,
      backed_up_seq INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    INSERT INTO sync_state (one) VALUES (1);
    CREATE TRIGGER sync_state_stays BEFORE DELETE ON sync_state
      BEGIN SELECT RAISE(ABORT, 'the sync state stays'); END;
  `,
};
