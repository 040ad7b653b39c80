import type { Migration } from './migration.ts';

/** Points in lots, which lie together by member, and every movement with the entry that caused it. */
export const migration: Migration = {
  version: 8,
  name: 'points',
  sql: `
    CREATE TABLE points_lots (
      member_id TEXT NOT NULL,
      lot_id TEXT NOT NULL,
      points INTEGER NOT NULL,
      earned_at TEXT NOT NULL,
      expires_on TEXT,
      channel TEXT NOT NULL,
      bucket TEXT NOT NULL,
      source TEXT NOT NULL,
      PRIMARY KEY (member_id, lot_id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE points_movements (
      seq INTEGER NOT NULL REFERENCES ledger (seq) DEFERRABLE INITIALLY DEFERRED,
      n INTEGER NOT NULL,
      lot_id TEXT NOT NULL,
      member_id TEXT NOT NULL,
      delta INTEGER NOT NULL,
      PRIMARY KEY (seq, n)
    ) STRICT, WITHOUT ROWID;
    CREATE TRIGGER points_movements_stay BEFORE DELETE ON points_movements
      BEGIN SELECT RAISE(ABORT, 'points movements are append-only'); END;
    CREATE TRIGGER points_movements_keep_content BEFORE UPDATE ON points_movements
      BEGIN SELECT RAISE(ABORT, 'points movements are append-only'); END;
  `,
};
