import type { Migration } from './migration.ts';

/**
 * The last entry that was pruned: what is left of the chain begins after it. Entries go only below it, and it rises only
 * over what headquarters has in a finished backup.
 */
export const migration: Migration = {
  version: 23,
  name: 'ledger-base',
  sql: `
    CREATE TABLE ledger_base (
      one INTEGER PRIMARY KEY CHECK (one = 1),
      seq INTEGER NOT NULL,
      hash TEXT NOT NULL
    ) STRICT;
    INSERT INTO ledger_base VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');
    CREATE TRIGGER ledger_base_stays BEFORE DELETE ON ledger_base
      BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
    CREATE TRIGGER ledger_base_rises BEFORE UPDATE ON ledger_base
      WHEN NEW.seq < OLD.seq OR NEW.seq > (SELECT backed_up_seq FROM sync_state)
      BEGIN SELECT RAISE(ABORT, 'only entries that headquarters has backed up are pruned'); END;
    DROP TRIGGER ledger_keeps_entries;
    CREATE TRIGGER ledger_keeps_entries BEFORE DELETE ON ledger
      WHEN OLD.seq > (SELECT seq FROM ledger_base)
      BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
    DROP TRIGGER points_movements_stay;
    CREATE TRIGGER points_movements_stay BEFORE DELETE ON points_movements
      WHEN OLD.seq > (SELECT seq FROM ledger_base)
      BEGIN SELECT RAISE(ABORT, 'points movements are append-only'); END;
  `,
};
