import type { HqMigration } from './migration.ts';

/**
 * Which rows came from which system, and what the proofs of a migration found. A row of `imported_rows` costs about 95
 * bytes with its index; it is written once, however often its system is imported.
 */
export const migration: HqMigration = {
  version: 15,
  name: 'migration-proof',
  sql: `
    CREATE TABLE import_sources (
      source_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      kind text NOT NULL,
      name text NOT NULL,
      -- How far a table was read by a column that only grows: table, column and value as JSON.
      since text,
      UNIQUE (kind, name)
    );
    CREATE TABLE imported_rows (
      source_id integer NOT NULL REFERENCES import_sources (source_id),
      key text COLLATE "C" NOT NULL,
      PRIMARY KEY (source_id, key)
    );
    CREATE TABLE import_proofs (
      proof_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      kind text NOT NULL,
      source text NOT NULL,
      -- The file or table, without passwords.
      origin text NOT NULL,
      verdict text NOT NULL CHECK (verdict IN ('pass', 'fail')),
      cut_over_ms bigint,
      -- Counts and roots as JSON.
      result text NOT NULL,
      started_at_ms bigint NOT NULL,
      ended_at_ms bigint NOT NULL
    );
  `,
};
