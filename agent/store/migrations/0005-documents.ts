import type { Migration } from './migration.ts';

/** Versions of rule sets, policies and the till's place. Old ones stay: sales that can be returned need their rules. */
export const migration: Migration = {
  version: 5,
  name: 'documents',
  sql: `
    CREATE TABLE documents (
      kind TEXT NOT NULL,
      version INTEGER NOT NULL,
      body TEXT NOT NULL,
      installed_at_ms INTEGER NOT NULL,
      PRIMARY KEY (kind, version)
    ) STRICT;
  `,
};
