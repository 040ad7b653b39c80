import type { Migration } from './migration.ts';

/**
 * Answers by idempotency key, written in the entry's own transaction. They are pruned in the order in which they came,
 * so that their time needs no index: every page that a commit touches is one more to encrypt and write.
 */
export const migration: Migration = {
  version: 10,
  name: 'replies',
  sql: `
    CREATE TABLE replies (
      no INTEGER PRIMARY KEY,
      client_id TEXT NOT NULL,
      key TEXT NOT NULL,
      operation TEXT NOT NULL,
      target TEXT NOT NULL,
      body_hash TEXT NOT NULL,
      reply TEXT NOT NULL,
      at_ms INTEGER NOT NULL,
      UNIQUE (client_id, key)
    ) STRICT;
  `,
};
