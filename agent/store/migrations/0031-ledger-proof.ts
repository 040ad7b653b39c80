import type { Migration } from './migration.ts';

/**
 * What is left of pruned entries for the upward proof: 16 bytes of each, 256 to a row. And when headquarters had received
 * what, by its own signed time: entries are pruned only where that lies 35 days back, whatever this till's clock says.
 */
export const migration: Migration = {
  version: 31,
  name: 'ledger-proof',
  sql: `
    CREATE TABLE ledger_pruned (
      leaf INTEGER PRIMARY KEY,
      -- The entry whose content comes first: above the leaf's first one where entries went before this table was there.
      first INTEGER NOT NULL,
      contents BLOB NOT NULL
    ) STRICT;
    CREATE TRIGGER ledger_pruned_stays BEFORE DELETE ON ledger_pruned
      BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
    CREATE TRIGGER ledger_pruned_grows BEFORE UPDATE ON ledger_pruned
      WHEN NEW.leaf <> OLD.leaf OR NEW.first <> OLD.first OR substr(NEW.contents, 1, length(OLD.contents)) <> OLD.contents
      BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
    CREATE TABLE received_marks (
      -- Days since 1970 of headquarters' clock.
      day INTEGER PRIMARY KEY,
      -- The last receipt of that day.
      at_ms INTEGER NOT NULL,
      seq INTEGER NOT NULL
    ) STRICT;
    DROP TRIGGER ledger_base_rises;
    CREATE TRIGGER ledger_base_rises BEFORE UPDATE ON ledger_base
      WHEN NEW.seq < OLD.seq OR NEW.seq > (SELECT backed_up_seq FROM sync_state)
        OR NEW.seq > coalesce((SELECT max(seq) FROM received_marks
          WHERE at_ms <= (SELECT max(at_ms) FROM received_marks) - 3024000000), 0)
      BEGIN SELECT RAISE(ABORT, 'only entries that headquarters has backed up are pruned'); END;
  `,
};
