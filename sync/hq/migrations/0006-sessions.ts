import type { HqMigration } from './migration.ts';

/** When the challenge of a till's last session was made: an older request that arrives late is no copy of the till. */
export const migration: HqMigration = {
  version: 6,
  name: 'sessions',
  sql: 'ALTER TABLE tills ADD COLUMN challenge_at_ms bigint;',
};
