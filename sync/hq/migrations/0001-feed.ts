import type { HqMigration } from './migration.ts';

/**
 * The feed. Business transactions write `outbox` by trigger; one sequencer at a time moves committed rows to
 * `published`, numbers them and marks the end of each batch. `published` keeps one row for each scope and key: it is the
 * compacted feed and the source of snapshots at once.
 */
export const migration: HqMigration = {
  version: 1,
  name: 'feed',
  sql: `
    CREATE TABLE hq_meta (name text PRIMARY KEY, value text NOT NULL);
    CREATE SEQUENCE row_version;
    CREATE TABLE outbox (
      id bigserial PRIMARY KEY,
      scope text COLLATE "C" NOT NULL,
      tbl text COLLATE "C" NOT NULL,
      key text COLLATE "C" NOT NULL,
      ver bigint NOT NULL,
      body text,
      urgent boolean NOT NULL,
      at_ms bigint NOT NULL DEFAULT (extract(epoch FROM clock_timestamp()) * 1000)::bigint
    );
    CREATE INDEX outbox_urgent ON outbox (id) WHERE urgent;
    CREATE TABLE published (
      scope text COLLATE "C" NOT NULL,
      tbl text COLLATE "C" NOT NULL,
      key text COLLATE "C" NOT NULL,
      pos bigint NOT NULL,
      ver bigint NOT NULL,
      body text,
      hash text NOT NULL,
      urgent boolean NOT NULL,
      at_ms bigint NOT NULL,
      PRIMARY KEY (scope, tbl, key)
    );
    CREATE UNIQUE INDEX published_by_pos ON published (scope, pos);
    CREATE INDEX published_urgent ON published (scope, pos) WHERE urgent;
    CREATE TABLE feed_head (
      one boolean PRIMARY KEY DEFAULT true CHECK (one),
      pos bigint NOT NULL,
      chain text NOT NULL,
      floor_pos bigint NOT NULL
    );
    INSERT INTO feed_head (pos, chain, floor_pos) VALUES (0, repeat('0', 64), 0);
    CREATE TABLE feed_marks (pos bigint PRIMARY KEY, chain text NOT NULL, at_ms bigint NOT NULL);
    INSERT INTO feed_marks VALUES (0, repeat('0', 64), 0);

    CREATE FUNCTION publish_row(the_scope text, the_tbl text, the_key text, the_body text, is_urgent boolean)
    RETURNS void LANGUAGE sql AS $$
      INSERT INTO outbox (scope, tbl, key, ver, body, urgent)
      VALUES (the_scope, the_tbl, the_key, nextval('row_version'), the_body,
        is_urgent AND current_setting('tillside.bulk', true) IS DISTINCT FROM 'on');
    $$;
    CREATE FUNCTION outbox_heard() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN PERFORM pg_notify('tillside_outbox', ''); RETURN NULL; END $$;
    CREATE TRIGGER outbox_heard AFTER INSERT ON outbox FOR EACH STATEMENT EXECUTE FUNCTION outbox_heard();
  `,
};
