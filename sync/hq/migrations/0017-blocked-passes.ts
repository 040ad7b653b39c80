import type { HqMigration } from './migration.ts';

/**
 * Keys of a blocked member are denied at every till as long as the block stands: by a certificate alone, a till that never
 * carried the member would give the tier's benefits until it ends. A key that was ended meanwhile stays denied, because only
 * those that headquarters still has are let go.
 */
export const migration: HqMigration = {
  version: 17,
  name: 'blocked-passes',
  sql: `
    -- Rows are canonical JSON, and a quote within a text is escaped: this is the field and nothing else.
    CREATE FUNCTION is_blocked(body text) RETURNS boolean LANGUAGE sql IMMUTABLE AS
      $$ SELECT strpos(body, '"status":"blocked"') > 0 $$;
    CREATE FUNCTION deny_keys_of(member text) RETURNS void LANGUAGE sql AS $$
      INSERT INTO denied_keys (key_id, body, valid_until_ms)
        SELECT key_id,
          '{"at":"' || to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"}',
          valid_until_ms
        FROM pass_keys WHERE member_id = member ORDER BY key_id
        ON CONFLICT DO NOTHING
    $$;
    CREATE FUNCTION deny_blocked_member() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF is_blocked(NEW.body) THEN
          -- At each change, not at the block alone: a phone may have been linked while it was written.
          PERFORM deny_keys_of(NEW.member_id);
        ELSE
          -- A key that is being ended at this moment is waited for, and then is none of these.
          WITH kept AS (SELECT key_id FROM pass_keys WHERE member_id = NEW.member_id FOR KEY SHARE)
          DELETE FROM denied_keys WHERE key_id IN (SELECT key_id FROM kept);
        END IF;
        RETURN NULL;
      END $$;
    CREATE TRIGGER deny_blocked_member AFTER UPDATE OF body ON members
      FOR EACH ROW WHEN (is_blocked(OLD.body) OR is_blocked(NEW.body)) EXECUTE FUNCTION deny_blocked_member();

    SELECT deny_keys_of(member_id) FROM members
      WHERE is_blocked(body) AND member_id IN (SELECT member_id FROM pass_keys);
  `,
};
