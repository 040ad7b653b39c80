import type { Migration } from './migration.ts';

/**
 * Beside each row that headquarters feeds the digest of what the feed last said of it, and by table their sum. `held` is
 * what the table holds where that came ahead of the feed (empty = it is gone here already); `digest` is NULL where the feed
 * never said anything; `held_ms` says since when. `fed_counts` are sums under way. Both images of a row that differs again after its repair go with
 * the member.
 */
export const migration: Migration = {
  version: 30,
  name: 'fed-digests',
  sql: `
    CREATE TABLE fed_digests (
      tbl TEXT NOT NULL,
      key TEXT NOT NULL,
      digest BLOB,
      held BLOB,
      held_ms INTEGER,
      PRIMARY KEY (tbl, key)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE fed_roots (tbl TEXT PRIMARY KEY, rows INTEGER NOT NULL, sum BLOB NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE fed_counts (
      kind TEXT PRIMARY KEY,
      tbl TEXT NOT NULL,
      after TEXT NOT NULL,
      rows INTEGER NOT NULL,
      sum BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE digest_state (
      one INTEGER PRIMARY KEY CHECK (one = 1),
      digest_key TEXT,
      stage TEXT NOT NULL CHECK (stage IN ('off', 'clear', 'make', 'made')),
      tbl TEXT NOT NULL DEFAULT '',
      after TEXT NOT NULL DEFAULT '',
      scrub_tbl TEXT,
      scrub_key TEXT,
      scrub_since_ms INTEGER
    ) STRICT;
    INSERT INTO digest_state (one, stage) VALUES (1, 'off');
    CREATE TABLE checks (no INTEGER PRIMARY KEY, body TEXT NOT NULL, told INTEGER NOT NULL DEFAULT 0) STRICT;
    CREATE TABLE fed_repairs (
      tbl TEXT NOT NULL,
      key TEXT NOT NULL,
      at_ms INTEGER NOT NULL,
      PRIMARY KEY (tbl, key)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE drift_stays (
      no INTEGER PRIMARY KEY,
      tbl TEXT NOT NULL,
      key TEXT NOT NULL,
      at_ms INTEGER NOT NULL,
      here_ver INTEGER,
      here_body TEXT,
      there_ver INTEGER,
      there_body TEXT,
      UNIQUE (tbl, key)
    ) STRICT;
    CREATE TRIGGER drift_stays_go_with_member AFTER DELETE ON members
      BEGIN DELETE FROM drift_stays WHERE key = OLD.member_id AND tbl IN ('member', 'points'); END;
    CREATE TRIGGER drift_stays_go_with_row AFTER INSERT ON tombstones
      BEGIN DELETE FROM drift_stays WHERE key = NEW.key AND (tbl = NEW.tbl OR NEW.tbl = 'member' AND tbl = 'points'); END;
    CREATE TRIGGER drift_stays_go_with_key AFTER DELETE ON subject_keys
      BEGIN DELETE FROM drift_stays WHERE key = OLD.subject AND tbl IN ('member', 'points'); END;
  `,
};
