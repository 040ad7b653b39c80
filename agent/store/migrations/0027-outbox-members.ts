import type { Migration } from './migration.ts';

/** Finds the entries of a member, so that what headquarters has yet to count is added to its figures. */
export const migration: Migration = {
  version: 27,
  name: 'outbox-members',
  sql: `
    CREATE INDEX outbox_by_member ON outbox (body ->> '$.memberId', seq)
      WHERE kind = 'entry' AND body ->> '$.memberId' IS NOT NULL;
  `,
};
