import type { HqMigration } from './migration.ts';

/** Imports: how far each got, in the transaction of the rows themselves, and every row that was refused. */
export const migration: HqMigration = {
  version: 5,
  name: 'imports',
  sql: `
    CREATE TABLE imports (
      import_id text PRIMARY KEY,
      kind text NOT NULL,
      -- SHA-256 over the first and last part of the file and its size: the same file goes on where it stopped.
      file_mark text NOT NULL,
      options text NOT NULL,
      -- Chained SHA-256 over the rows read so far: a file that changed under an unfinished import is noticed.
      digest text NOT NULL,
      -- Rows read and written so far.
      rows_read bigint NOT NULL,
      rows_added bigint NOT NULL,
      rows_changed bigint NOT NULL,
      rows_merged bigint NOT NULL,
      rows_refused bigint NOT NULL,
      state text NOT NULL CHECK (state IN ('running', 'done')),
      started_at_ms bigint NOT NULL,
      ended_at_ms bigint
    );
    CREATE UNIQUE INDEX imports_running ON imports (kind, file_mark) WHERE state = 'running';
    CREATE TABLE import_errors (
      import_id text NOT NULL REFERENCES imports (import_id),
      row_no bigint NOT NULL,
      n integer NOT NULL,
      field text NOT NULL,
      code text NOT NULL,
      -- What stood there, shortened and masked.
      value text NOT NULL,
      -- Both languages as JSON.
      message text NOT NULL,
      PRIMARY KEY (import_id, row_no, n)
    );
  `,
};
