import type { Migration } from './migration.ts';

/** The append-only ledger. Triggers refuse change and removal whoever asks; a sale is in it once. */
export const migration: Migration = {
  version: 7,
  name: 'ledger',
  sql: `
    CREATE TABLE ledger (
      seq INTEGER PRIMARY KEY,
      kind TEXT NOT NULL,
      sale_id TEXT NOT NULL,
      return_id TEXT,
      header TEXT NOT NULL,
      hash TEXT NOT NULL,
      sealed BLOB NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX ledger_by_sale ON ledger (sale_id, CASE kind WHEN 'sale' THEN 0 ELSE seq END);
    CREATE UNIQUE INDEX ledger_by_return ON ledger (return_id) WHERE return_id IS NOT NULL;
    CREATE TRIGGER ledger_keeps_entries BEFORE DELETE ON ledger
      BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
    CREATE TRIGGER ledger_keeps_content BEFORE UPDATE ON ledger
      BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
  `,
};
