import type { HqMigration } from './migration.ts';

/**
 * Full-volume checks. Each row of `published` has its bucket and, while it is there, the four words of its digest, as
 * integers with a sign; `feed_roots` sums them by scope and table, each word modulo 2^32. The digest key is made once and
 * goes with the database, into its backups too.
 */
export const migration: HqMigration = {
  version: 13,
  name: 'digests',
  sql: `
    INSERT INTO hq_meta SELECT 'digest-key', encode(sha256(convert_to(
      gen_random_uuid()::text || gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')), 'hex');

    ALTER TABLE published
      ADD COLUMN bucket integer,
      ADD COLUMN d0 integer, ADD COLUMN d1 integer, ADD COLUMN d2 integer, ADD COLUMN d3 integer;
    UPDATE published p SET
      bucket = (get_byte(b.k, 0) << 8) | get_byte(b.k, 1),
      d0 = (get_byte(b.d, 0) << 24) | (get_byte(b.d, 1) << 16) | (get_byte(b.d, 2) << 8) | get_byte(b.d, 3),
      d1 = (get_byte(b.d, 4) << 24) | (get_byte(b.d, 5) << 16) | (get_byte(b.d, 6) << 8) | get_byte(b.d, 7),
      d2 = (get_byte(b.d, 8) << 24) | (get_byte(b.d, 9) << 16) | (get_byte(b.d, 10) << 8) | get_byte(b.d, 11),
      d3 = (get_byte(b.d, 12) << 24) | (get_byte(b.d, 13) << 16) | (get_byte(b.d, 14) << 8) | get_byte(b.d, 15)
    FROM (
      SELECT scope, tbl, key, sha256(convert_to(key, 'UTF8')) AS k, CASE WHEN body IS NOT NULL THEN
        sha256(decode((SELECT value FROM hq_meta WHERE name = 'digest-key'), 'hex') || decode(hash, 'hex')) END AS d
      FROM published
    ) AS b WHERE b.scope = p.scope AND b.tbl = p.tbl AND b.key = p.key;
    ALTER TABLE published ALTER COLUMN bucket SET NOT NULL;

    CREATE TABLE feed_roots (
      scope text COLLATE "C" NOT NULL,
      tbl text COLLATE "C" NOT NULL,
      rows bigint NOT NULL,
      s0 bigint NOT NULL,
      s1 bigint NOT NULL,
      s2 bigint NOT NULL,
      s3 bigint NOT NULL,
      PRIMARY KEY (scope, tbl)
    ) WITH (fillfactor = 50);
    INSERT INTO feed_roots
      SELECT scope, tbl, count(*), sum(d0) & 4294967295, sum(d1) & 4294967295, sum(d2) & 4294967295, sum(d3) & 4294967295
      FROM published WHERE d0 IS NOT NULL GROUP BY scope, tbl;

    -- How far headquarters' own pass over the digests is.
    CREATE TABLE digest_pass (
      one boolean PRIMARY KEY DEFAULT true CHECK (one),
      -- null = no pass is under way
      started_at_ms bigint,
      ended_at_ms bigint,
      -- Rows up to here are done; key null = all of this scope and table are.
      scope text COLLATE "C" NOT NULL DEFAULT '',
      tbl text COLLATE "C" NOT NULL DEFAULT '',
      key text COLLATE "C",
      -- Lost rows of this table were looked for up to this key of their source; null = not begun.
      source_key text COLLATE "C",
      rows bigint NOT NULL DEFAULT 0,
      mended bigint NOT NULL DEFAULT 0
    );
    INSERT INTO digest_pass DEFAULT VALUES;

    -- What tills say of their checks, as they say it.
    CREATE TABLE till_checks (
      id bigserial PRIMARY KEY,
      till_id text COLLATE "C" NOT NULL,
      kind text NOT NULL,
      outcome text NOT NULL,
      started_at_ms bigint NOT NULL,
      ended_at_ms bigint NOT NULL,
      received_at_ms bigint NOT NULL,
      drift bigint NOT NULL,
      record text NOT NULL,
      -- A report whose answer was lost is sent again.
      UNIQUE (till_id, kind, started_at_ms, ended_at_ms)
    );
    CREATE INDEX till_checks_of ON till_checks (till_id, id);
    -- Drift is rare: what a fleet drifted over weeks is read from a few rows.
    CREATE INDEX till_checks_drift ON till_checks (till_id, received_at_ms) WHERE kind = 'walk' AND drift > 0;
    CREATE INDEX alarms_of ON alarms (till_id, id);

    -- What waits at a till, as it says.
    ALTER TABLE tills ADD COLUMN waiting bigint, ADD COLUMN oldest_waiting_ms bigint;
  `,
};
