import type { HqMigration } from './migration.ts';

/** Codes that are good for several uses: `times` of a reservation, null = the code works once and has one holder. */
export const migration: HqMigration = {
  version: 9,
  name: 'limited-coupons',
  sql: `
    ALTER TABLE allowances ADD COLUMN times bigint;
    DROP INDEX allowances_of_coupon;
    CREATE UNIQUE INDEX allowances_of_coupon ON allowances (coupon)
      WHERE kind = 'coupon' AND times IS NULL AND state IN ('open', 'settled');
    CREATE INDEX allowances_by_coupon ON allowances (coupon) WHERE kind = 'coupon' AND state IN ('open', 'settled');
  `,
};
