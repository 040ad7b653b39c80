import type { Migration } from './migration.ts';

/** Paired programs and screens, known by the hash of their token. */
export const migration: Migration = {
  version: 13,
  name: 'access',
  sql: `
    CREATE TABLE clients (
      client_id TEXT PRIMARY KEY,
      token_hash TEXT NOT NULL UNIQUE,
      name TEXT NOT NULL,
      scopes TEXT NOT NULL,
      origin TEXT,
      paired_at TEXT NOT NULL,
      last_seen_ms INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE screens (token_hash TEXT PRIMARY KEY, expires_at_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  `,
};
