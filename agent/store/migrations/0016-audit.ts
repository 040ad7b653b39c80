import type { Migration } from './migration.ts';

/** What staff did that a person may want to look at later; append-only. */
export const migration: Migration = {
  version: 16,
  name: 'audit',
  sql: `
    CREATE TABLE audit (
      no INTEGER PRIMARY KEY,
      at_ms INTEGER NOT NULL,
      staff_id TEXT,
      action TEXT NOT NULL,
      detail TEXT NOT NULL
    ) STRICT;
    CREATE TRIGGER audit_stays BEFORE DELETE ON audit
      BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
    CREATE TRIGGER audit_keeps_content BEFORE UPDATE ON audit
      BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
  `,
};
