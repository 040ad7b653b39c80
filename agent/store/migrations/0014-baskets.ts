import type { Migration } from './migration.ts';

/** The baskets that the till knows of, parked ones included. */
export const migration: Migration = {
  version: 14,
  name: 'baskets',
  sql: `
    CREATE TABLE baskets (
      basket_id TEXT PRIMARY KEY,
      evaluation_id TEXT,
      state TEXT NOT NULL,
      member_id TEXT,
      identification TEXT,
      item_count INTEGER NOT NULL,
      payable_minor INTEGER NOT NULL,
      updated_at_ms INTEGER NOT NULL,
      business_day TEXT NOT NULL
    ) STRICT;
    CREATE INDEX baskets_by_time ON baskets (updated_at_ms);
  `,
};
