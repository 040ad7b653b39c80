import type { Migration } from './migration.ts';

/** Evaluations and what they hold, with the coupons reserved or used. */
export const migration: Migration = {
  version: 9,
  name: 'holds',
  sql: `
    CREATE TABLE holds (
      evaluation_id TEXT PRIMARY KEY,
      basket_id TEXT NOT NULL,
      basket_hash TEXT NOT NULL,
      member_id TEXT,
      state TEXT NOT NULL,
      deadline_ms INTEGER NOT NULL,
      points_reserved INTEGER NOT NULL,
      coupons_reserved TEXT NOT NULL,
      allowance_ids TEXT NOT NULL,
      sale_id TEXT,
      body TEXT NOT NULL
    ) STRICT;
    CREATE INDEX holds_running ON holds (deadline_ms) WHERE state = 'HELD';
    CREATE INDEX holds_of_member ON holds (member_id) WHERE state = 'HELD';
    CREATE INDEX holds_over ON holds (deadline_ms) WHERE state <> 'HELD';
    CREATE TABLE coupons (
      code TEXT PRIMARY KEY,
      state TEXT NOT NULL CHECK (state IN ('reserved', 'used')),
      evaluation_id TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
  `,
};
