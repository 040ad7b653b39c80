import type { HqMigration } from './migration.ts';

/**
 * What the chain is made of. `body` is the row's JSON as tills get it; the other columns only find and scope it. Every
 * change reaches the outbox by trigger, so no writer can forget it. A bulk writer says `SET LOCAL tillside.bulk = 'on'`.
 */
export const migration: HqMigration = {
  version: 2,
  name: 'records',
  sql: `
    CREATE TABLE stores (
      store_id text COLLATE "C" PRIMARY KEY,
      store_tier text NOT NULL,
      body text NOT NULL
    );
    CREATE TABLE settings (key text COLLATE "C" PRIMARY KEY, body text NOT NULL);
    CREATE TABLE tags (tag text COLLATE "C" PRIMARY KEY, body text NOT NULL);
    CREATE TABLE articles (sku text COLLATE "C" PRIMARY KEY, gtin text, body text NOT NULL);
    CREATE INDEX articles_by_gtin ON articles (gtin) WHERE gtin IS NOT NULL;
    CREATE TABLE staff (
      staff_id text COLLATE "C" PRIMARY KEY,
      store_ids text[],
      body text NOT NULL
    );
    CREATE TABLE documents (
      kind text NOT NULL,
      version bigint NOT NULL,
      signed bytea NOT NULL,
      sha256 text NOT NULL,
      body text NOT NULL,
      published_at_ms bigint NOT NULL,
      PRIMARY KEY (kind, version)
    );
    CREATE TABLE members (
      member_id text COLLATE "C" PRIMARY KEY,
      phone text,
      gsrn text,
      home_store_id text,
      ver bigint NOT NULL DEFAULT 0,
      body text NOT NULL
    );
    CREATE UNIQUE INDEX members_by_phone ON members (phone) WHERE phone IS NOT NULL;
    CREATE UNIQUE INDEX members_by_gsrn ON members (gsrn) WHERE gsrn IS NOT NULL;
    CREATE TABLE member_cards (
      card text COLLATE "C" PRIMARY KEY,
      member_id text COLLATE "C" NOT NULL REFERENCES members (member_id) ON DELETE CASCADE
    );
    CREATE INDEX member_cards_of ON member_cards (member_id);
    CREATE TABLE point_accounts (
      member_id text COLLATE "C" PRIMARY KEY,
      ver bigint NOT NULL DEFAULT 0,
      body text NOT NULL
    );
    -- Which stores carry a member: home store, stores that they visited, and for a day stores that a look-up answered them to
    -- among others. A till holds nobody whom its store does not carry, so that every erasure reaches it.
    CREATE TABLE member_scopes (
      member_id text COLLATE "C" NOT NULL,
      store_id text COLLATE "C" NOT NULL,
      reason text NOT NULL CHECK (reason IN ('home', 'region', 'visit', 'lookup')),
      since_ms bigint NOT NULL,
      PRIMARY KEY (member_id, store_id)
    );
    CREATE INDEX member_scopes_of ON member_scopes (store_id, member_id);
    CREATE INDEX member_scopes_ending ON member_scopes (reason, since_ms) WHERE reason IN ('visit', 'lookup');

    CREATE FUNCTION number_row() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN NEW.ver := nextval('row_version'); RETURN NEW; END $$;
    CREATE TRIGGER number_member BEFORE INSERT OR UPDATE ON members FOR EACH ROW EXECUTE FUNCTION number_row();
    -- A first account waits for a store that begins to carry its member, and the other way round (see publish_scope):
    -- else neither would see the other, and that store would never get the account.
    CREATE FUNCTION number_account() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF TG_OP = 'INSERT' THEN PERFORM 1 FROM members WHERE member_id = NEW.member_id FOR KEY SHARE; END IF;
        NEW.ver := nextval('row_version');
        RETURN NEW;
      END $$;
    CREATE TRIGGER number_account BEFORE INSERT OR UPDATE ON point_accounts FOR EACH ROW EXECUTE FUNCTION number_account();

    -- Rows that every store gets, with the feed's table name and the key column as arguments.
    CREATE FUNCTION publish_everywhere() RETURNS trigger LANGUAGE plpgsql AS $$
      DECLARE gone jsonb; come jsonb;
      BEGIN
        IF TG_OP <> 'INSERT' THEN gone := to_jsonb(OLD); END IF;
        IF TG_OP <> 'DELETE' THEN come := to_jsonb(NEW); END IF;
        IF come IS NULL THEN
          PERFORM publish_row('*', TG_ARGV[0], gone ->> TG_ARGV[1], NULL, TG_ARGV[2] = 'urgent');
        ELSE
          PERFORM publish_row('*', TG_ARGV[0], come ->> TG_ARGV[1], come ->> 'body', TG_ARGV[2] = 'urgent');
        END IF;
        RETURN NULL;
      END $$;
    CREATE TRIGGER publish_setting AFTER INSERT OR UPDATE OR DELETE ON settings
      FOR EACH ROW EXECUTE FUNCTION publish_everywhere('setting', 'key', 'urgent');
    CREATE TRIGGER publish_tag AFTER INSERT OR UPDATE OR DELETE ON tags
      FOR EACH ROW EXECUTE FUNCTION publish_everywhere('tag', 'tag', '');
    CREATE TRIGGER publish_article AFTER INSERT OR UPDATE OR DELETE ON articles
      FOR EACH ROW EXECUTE FUNCTION publish_everywhere('article', 'sku', '');
    CREATE TRIGGER publish_document AFTER INSERT ON documents
      FOR EACH ROW EXECUTE FUNCTION publish_everywhere('document', 'kind', 'urgent');

    CREATE FUNCTION publish_store() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF TG_OP = 'DELETE' THEN PERFORM publish_row(OLD.store_id, 'store', OLD.store_id, NULL, true);
        ELSE PERFORM publish_row(NEW.store_id, 'store', NEW.store_id, NEW.body, true); END IF;
        RETURN NULL;
      END $$;
    CREATE TRIGGER publish_store AFTER INSERT OR UPDATE OR DELETE ON stores
      FOR EACH ROW EXECUTE FUNCTION publish_store();

    CREATE FUNCTION publish_staff() RETURNS trigger LANGUAGE plpgsql AS $$
      DECLARE before_scopes text[] := '{}'; after_scopes text[] := '{}'; one text;
      BEGIN
        IF TG_OP <> 'INSERT' THEN before_scopes := coalesce(OLD.store_ids, '{*}'); END IF;
        IF TG_OP <> 'DELETE' THEN after_scopes := coalesce(NEW.store_ids, '{*}'); END IF;
        FOREACH one IN ARRAY before_scopes LOOP
          IF NOT one = ANY (after_scopes) THEN PERFORM publish_row(one, 'staff', OLD.staff_id, NULL, true); END IF;
        END LOOP;
        FOREACH one IN ARRAY after_scopes LOOP
          PERFORM publish_row(one, 'staff', NEW.staff_id, NEW.body, true);
        END LOOP;
        RETURN NULL;
      END $$;
    CREATE TRIGGER publish_staff AFTER INSERT OR UPDATE OR DELETE ON staff
      FOR EACH ROW EXECUTE FUNCTION publish_staff();

    CREATE FUNCTION publish_member() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF TG_OP = 'DELETE' THEN
          PERFORM publish_row(s.store_id, 'member', OLD.member_id, NULL, true)
            FROM member_scopes s WHERE s.member_id = OLD.member_id;
        ELSE
          PERFORM publish_row(s.store_id, 'member', NEW.member_id, NEW.body, true)
            FROM member_scopes s WHERE s.member_id = NEW.member_id;
        END IF;
        RETURN NULL;
      END $$;
    CREATE TRIGGER publish_member AFTER INSERT OR UPDATE OR DELETE ON members
      FOR EACH ROW EXECUTE FUNCTION publish_member();

    CREATE FUNCTION publish_account() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF TG_OP = 'DELETE' THEN
          PERFORM publish_row(s.store_id, 'points', OLD.member_id, NULL, true)
            FROM member_scopes s WHERE s.member_id = OLD.member_id;
        ELSE
          PERFORM publish_row(s.store_id, 'points', NEW.member_id, NEW.body, true)
            FROM member_scopes s WHERE s.member_id = NEW.member_id;
        END IF;
        RETURN NULL;
      END $$;
    CREATE TRIGGER publish_account AFTER INSERT OR UPDATE OR DELETE ON point_accounts
      FOR EACH ROW EXECUTE FUNCTION publish_account();

    -- A store that begins or ceases to carry a member gets or loses member and account as they are. The lock on the
    -- member makes the order of these rows that of the changes themselves.
    CREATE FUNCTION publish_scope() RETURNS trigger LANGUAGE plpgsql AS $$
      DECLARE member_body text; account_body text; the_member text; the_store text;
      BEGIN
        IF TG_OP = 'DELETE' THEN the_member := OLD.member_id; the_store := OLD.store_id;
        ELSE the_member := NEW.member_id; the_store := NEW.store_id; END IF;
        SELECT body INTO member_body FROM members WHERE member_id = the_member FOR UPDATE;
        SELECT body INTO account_body FROM point_accounts WHERE member_id = the_member FOR UPDATE;
        IF TG_OP = 'DELETE' THEN
          PERFORM publish_row(the_store, 'member', the_member, NULL, true);
          IF account_body IS NOT NULL THEN PERFORM publish_row(the_store, 'points', the_member, NULL, true); END IF;
        ELSE
          IF member_body IS NOT NULL THEN PERFORM publish_row(the_store, 'member', the_member, member_body, true); END IF;
          IF account_body IS NOT NULL THEN PERFORM publish_row(the_store, 'points', the_member, account_body, true); END IF;
        END IF;
        RETURN NULL;
      END $$;
    CREATE TRIGGER publish_scope AFTER INSERT OR DELETE ON member_scopes
      FOR EACH ROW EXECUTE FUNCTION publish_scope();
  `,
};
