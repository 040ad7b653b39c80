import type { Migration } from './migration.ts';

/**
 * Codes of passes and wallet cards that were taken here, so that none is taken twice, over restarts too. The till's own:
 * they come over into an adopted snapshot and out of a salvaged database.
 */
export const migration: Migration = {
  version: 32,
  name: 'credential-uses',
  sql: `
    CREATE TABLE credential_uses (
      key_id TEXT NOT NULL,
      step INTEGER NOT NULL,
      counter INTEGER NOT NULL,
      -- Which the code was read for; read once more for it while it is open, it is the same showing.
      identification_id TEXT NOT NULL,
      -- The code is too old from then on, whatever else is known of it.
      until_ms INTEGER NOT NULL,
      PRIMARY KEY (key_id, step, counter)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX credential_uses_until ON credential_uses (until_ms);
    CREATE TABLE credential_counters (
      key_id TEXT PRIMARY KEY,
      -- The highest that was taken; of a wallet card the highest step.
      counter INTEGER NOT NULL,
      used_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
  `,
};
