import type { Migration } from './migration.ts';

/** Counts the uses of a code without reading them, and finds the one that came first. */
export const migration: Migration = {
  version: 29,
  name: 'coupon-counts',
  sql: 'CREATE INDEX coupon_uses_by_state ON coupon_uses (code, state DESC);',
};
