import type { HqMigration } from './migration.ts';

/** Monthly runs over member tiers: each change with what it was judged by. Online bookings are found by their member. */
export const migration: HqMigration = {
  version: 10,
  name: 'tier-runs',
  sql: `
    CREATE TABLE tier_runs (
      id bigserial PRIMARY KEY,
      month text COLLATE "C" NOT NULL,
      at_ms bigint NOT NULL,
      rule_set_version bigint,
      judged bigint NOT NULL,
      changed bigint NOT NULL
    );
    CREATE TABLE tier_changes (
      id bigserial PRIMARY KEY,
      month text COLLATE "C" NOT NULL,
      at_ms bigint NOT NULL,
      member_id text COLLATE "C" NOT NULL,
      from_tier text NOT NULL,
      to_tier text NOT NULL,
      inputs text NOT NULL
    );
    CREATE INDEX tier_changes_of ON tier_changes (member_id);
    CREATE INDEX online_by_member ON online_ledger (member_id);
  `,
};
