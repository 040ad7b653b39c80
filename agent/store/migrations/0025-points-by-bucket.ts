import type { Migration } from './migration.ts';

/**
 * Lots that wait for a day, and of holds the points reserved by category; NULL where all of them are of `base`, as they
 * were before.
 */
export const migration: Migration = {
  version: 25,
  name: 'points-by-bucket',
  sql: `
    ALTER TABLE points_lots ADD COLUMN available_on TEXT;
    ALTER TABLE holds ADD COLUMN points_by_bucket TEXT;
  `,
};
