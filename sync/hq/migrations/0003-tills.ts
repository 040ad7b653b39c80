import type { HqMigration } from './migration.ts';

/** Tills, the codes that register them, and the tokens of the console and the web shop. Secrets only as SHA-256. */
export const migration: HqMigration = {
  version: 3,
  name: 'tills',
  sql: `
    CREATE TABLE tills (
      till_id text COLLATE "C" PRIMARY KEY,
      store_id text COLLATE "C" NOT NULL,
      state text NOT NULL CHECK (state IN ('waiting', 'registered', 'revoked', 'copied')),
      public_key text,
      incarnation text,
      -- What the till must show when it opens its next session.
      proof text,
      protocol integer,
      version text,
      registered_at_ms bigint,
      last_seen_ms bigint,
      cursor_pos bigint,
      clock_offset_ms bigint,
      revoked_reason text
    );
    CREATE TABLE registration_codes (
      code_hash text PRIMARY KEY,
      till_id text COLLATE "C" NOT NULL REFERENCES tills (till_id),
      -- Where the till will stand: a till that moves belongs to its old store until the code is used.
      store_id text COLLATE "C" NOT NULL,
      expires_at_ms bigint NOT NULL,
      used_at_ms bigint,
      -- The key that used it: the same key may ask again for a lost answer.
      used_by text
    );
    CREATE TABLE registration_guesses (at_ms bigint NOT NULL);
    CREATE INDEX registration_guesses_at ON registration_guesses (at_ms);
    -- Members whom a till's look-ups made its store carry, on one day of the chain.
    CREATE TABLE lookup_carries (
      till_id text COLLATE "C" PRIMARY KEY,
      day text NOT NULL,
      carried integer NOT NULL
    );
    CREATE TABLE access_tokens (
      token_hash text PRIMARY KEY,
      role text NOT NULL CHECK (role IN ('admin', 'online')),
      name text NOT NULL,
      created_at_ms bigint NOT NULL,
      expires_at_ms bigint,
      revoked_at_ms bigint
    );
    CREATE TABLE console_codes (code_hash text PRIMARY KEY, expires_at_ms bigint NOT NULL);
    CREATE TABLE alarms (
      id bigserial PRIMARY KEY,
      at_ms bigint NOT NULL,
      code text NOT NULL,
      till_id text,
      detail text NOT NULL
    );
  `,
};
