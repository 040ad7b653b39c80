import type { Migration } from './migration.ts';

/**
 * What an outbox row says where no other table does: the facts of an entry, who joined, which reservation is released.
 * Numbers rise without a gap as long as the last row stays, so pruning leaves it, and no row goes unheard.
 */
export const migration: Migration = {
  version: 20,
  name: 'outbox-bodies',
  sql: `
    ALTER TABLE outbox ADD COLUMN body TEXT;
    CREATE INDEX outbox_joins ON outbox (no) WHERE kind = 'join';
    CREATE TRIGGER outbox_keeps_unheard BEFORE DELETE ON outbox
      WHEN OLD.no > (SELECT received_no FROM sync_state) OR OLD.no = (SELECT max(no) FROM outbox)
      BEGIN SELECT RAISE(ABORT, 'headquarters has yet to receive this'); END;
  `,
};
