import type { Migration } from './migration.ts';

/**
 * Documents count under the registration under which they were installed: versions of another chain, or of a till that
 * was alone, say nothing beside those of headquarters. What a registered till has it asks for once more, because it is
 * not known where that came from.
 */
export const migration: Migration = {
  version: 24,
  name: 'document-registrations',
  sql: `
    ALTER TABLE sync_state ADD COLUMN registrations INTEGER NOT NULL DEFAULT 0;
    UPDATE sync_state SET registrations = 1 WHERE registration IS NOT NULL;
    ALTER TABLE documents RENAME TO documents_before;
    CREATE TABLE documents (
      kind TEXT NOT NULL,
      version INTEGER NOT NULL,
      body TEXT NOT NULL,
      installed_at_ms INTEGER NOT NULL,
      registration INTEGER NOT NULL,
      PRIMARY KEY (kind, registration, version)
    ) STRICT;
    INSERT INTO documents SELECT kind, version, body, installed_at_ms, 0 FROM documents_before;
    DROP TABLE documents_before;
  `,
};
