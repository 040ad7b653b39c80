import type { Migration } from './migration.ts';

/**
 * Less for a hold and a commit to write, since every page they touch is encrypted and flushed. The few rows that are held
 * are found by one index, and rows that are over are pruned in the order in which they came. The index of open baskets
 * has nothing in it that changes while a basket is open. Of an identification that is bound to a basket less is kept, in
 * another form: whoever has an open sale scans again once.
 */
export const migration: Migration = {
  version: 18,
  name: 'smaller-rows',
  sql: `
    DROP INDEX holds_of_member;
    DROP INDEX holds_over;
    DROP INDEX baskets_by_time;
    CREATE INDEX baskets_open ON baskets (basket_id) WHERE state NOT IN ('COMMITTED', 'VOIDED');
    UPDATE baskets SET identification = NULL WHERE identification IS NOT NULL;
  `,
};
