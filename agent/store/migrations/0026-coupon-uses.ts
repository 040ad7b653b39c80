import type { Migration } from './migration.ts';

/** A code may be good for several uses, so each evaluation that reserves or uses one has a row of its own. */
export const migration: Migration = {
  version: 26,
  name: 'coupon-uses',
  sql: `
    CREATE TABLE coupon_uses (
      n INTEGER PRIMARY KEY,
      code TEXT NOT NULL,
      evaluation_id TEXT NOT NULL,
      state TEXT NOT NULL CHECK (state IN ('reserved', 'used')),
      UNIQUE (code, evaluation_id)
    ) STRICT;
    INSERT INTO coupon_uses (code, evaluation_id, state) SELECT code, evaluation_id, state FROM coupons;
    DROP TABLE coupons;
  `,
};
