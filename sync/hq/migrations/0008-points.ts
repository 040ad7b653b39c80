import type { HqMigration } from './migration.ts';

/** The category of points that a reservation is for; NULL = `base`, as all of them were. */
export const migration: HqMigration = {
  version: 8,
  name: 'points',
  sql: 'ALTER TABLE allowances ADD COLUMN bucket text;',
};
