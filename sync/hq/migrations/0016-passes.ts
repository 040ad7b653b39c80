import type { HqMigration } from './migration.ts';

/**
 * Members' passes. The keys of a member stand in their row too (`passKeys`), by which tills verify; here is what headquarters
 * alone needs. Whatever ends a key that is certified for longer, the erasure of its member included, denies it at every till,
 * unless the phone itself has replaced it and destroyed it.
 */
export const migration: HqMigration = {
  version: 16,
  name: 'passes',
  sql: `
    CREATE TABLE pass_issuers (issuer_id text COLLATE "C" PRIMARY KEY, body text NOT NULL, valid_until_ms bigint NOT NULL);
    CREATE TRIGGER publish_pass_issuer AFTER INSERT OR UPDATE OR DELETE ON pass_issuers
      FOR EACH ROW EXECUTE FUNCTION publish_everywhere('pass-issuer', 'issuer_id', 'urgent');
    CREATE TABLE denied_keys (key_id text COLLATE "C" PRIMARY KEY, body text NOT NULL, valid_until_ms bigint NOT NULL);
    CREATE INDEX denied_keys_ending ON denied_keys (valid_until_ms);
    CREATE TRIGGER publish_denied_key AFTER INSERT OR UPDATE OR DELETE ON denied_keys
      FOR EACH ROW EXECUTE FUNCTION publish_everywhere('denied-key', 'key_id', 'urgent');

    CREATE TABLE pass_codes (
      code_hash text PRIMARY KEY,
      member_id text COLLATE "C" NOT NULL REFERENCES members (member_id) ON DELETE CASCADE,
      till_id text NOT NULL,
      created_at_ms bigint NOT NULL,
      expires_at_ms bigint NOT NULL,
      -- The key that was linked with it, so that a phone which lost the answer may ask again.
      used_by text
    );
    CREATE INDEX pass_codes_of ON pass_codes (member_id);
    CREATE INDEX pass_codes_by_till ON pass_codes (till_id, created_at_ms);
    CREATE TABLE pass_guesses (at_ms bigint NOT NULL);

    CREATE TABLE pass_keys (
      key_id text COLLATE "C" PRIMARY KEY,
      member_id text COLLATE "C" NOT NULL REFERENCES members (member_id) ON DELETE CASCADE,
      alg text NOT NULL,
      public_key text NOT NULL,
      certificate text NOT NULL,
      -- The member's tier as the certificate says it.
      tier text NOT NULL,
      linked_at_ms bigint NOT NULL,
      valid_from_ms bigint NOT NULL,
      valid_until_ms bigint NOT NULL,
      -- The highest counter that a till has sent.
      counter bigint NOT NULL DEFAULT 0,
      -- Its phone has destroyed it: tills need not be told.
      replaced boolean NOT NULL DEFAULT false
    );
    CREATE INDEX pass_keys_of ON pass_keys (member_id);
    CREATE INDEX pass_keys_ending ON pass_keys (valid_until_ms);
    CREATE FUNCTION deny_ended_key() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF NOT OLD.replaced THEN
          INSERT INTO denied_keys (key_id, body, valid_until_ms) VALUES (
            OLD.key_id,
            '{"at":"' || to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"}',
            OLD.valid_until_ms
          ) ON CONFLICT DO NOTHING;
        END IF;
        RETURN NULL;
      END $$;
    CREATE TRIGGER deny_ended_key AFTER DELETE ON pass_keys FOR EACH ROW EXECUTE FUNCTION deny_ended_key();

    -- Codes of passes that tills took, by the entry that says so. Names nobody.
    CREATE TABLE pass_uses (
      key_id text COLLATE "C" NOT NULL,
      step bigint NOT NULL,
      counter bigint NOT NULL,
      till_id text COLLATE "C" NOT NULL,
      incarnation text COLLATE "C" NOT NULL,
      seq bigint NOT NULL,
      at_ms bigint NOT NULL,
      PRIMARY KEY (key_id, step, counter, till_id, incarnation, seq)
    );
    CREATE INDEX pass_uses_old ON pass_uses (at_ms);
  `,
};
