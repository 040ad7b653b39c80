import type { HqMigration } from './migration.ts';

/**
 * Consents to be recognised by the face, and sealed templates, whose keys headquarters never has. A template goes to the
 * stores that carry its member and are in its consent's scope; whoever was answered to a look-up alone is not carried in
 * this sense. Whatever deletes a template, the erasure of its member included, tells every store that has it. A store that
 * ceased to carry the member has destroyed the key for good, so it never gets that template again.
 */
export const migration: HqMigration = {
  version: 18,
  name: 'faces',
  sql: `
    CREATE TABLE face_consents (
      consent_id text COLLATE "C" PRIMARY KEY,
      member_id text COLLATE "C" NOT NULL REFERENCES members (member_id) ON DELETE CASCADE,
      body text NOT NULL,
      at_ms bigint NOT NULL
    );
    CREATE INDEX face_consents_of ON face_consents (member_id);
    CREATE TABLE face_templates (
      template_id text COLLATE "C" PRIMARY KEY,
      -- As it was sealed.
      member_id text COLLATE "C" NOT NULL REFERENCES members (member_id) ON DELETE CASCADE,
      -- Who that is today.
      owner_id text COLLATE "C" NOT NULL REFERENCES members (member_id) ON DELETE CASCADE,
      scope text NOT NULL CHECK (scope IN ('store', 'chain')),
      -- Where it was enrolled.
      store_id text COLLATE "C" NOT NULL,
      body text NOT NULL,
      at_ms bigint NOT NULL
    );
    CREATE INDEX face_templates_of ON face_templates (owner_id);
    CREATE INDEX face_templates_sealed_for ON face_templates (member_id);

    -- Templates that are over, also those that headquarters has yet to hear of. Never deleted: a till may come back late.
    CREATE TABLE face_ends (
      template_id text COLLATE "C" PRIMARY KEY,
      -- As in the template when it ended; empty = nobody has said whose it was.
      member_id text COLLATE "C" NOT NULL,
      owner_id text COLLATE "C" NOT NULL,
      reason text NOT NULL,
      at_ms bigint NOT NULL
    );
    CREATE INDEX face_ends_of ON face_ends (owner_id);
    CREATE INDEX face_ends_sealed_for ON face_ends (member_id);
    -- What members and chain said. Of an all-embracing one every consent up to its time is over, whenever it arrives.
    CREATE TABLE face_withdrawals (
      withdrawal_id text COLLATE "C" PRIMARY KEY,
      member_id text COLLATE "C" NOT NULL,
      owner_id text COLLATE "C" NOT NULL,
      embraces_all boolean NOT NULL,
      reason text NOT NULL,
      body text NOT NULL,
      at_ms bigint NOT NULL
    );
    CREATE INDEX face_withdrawals_of ON face_withdrawals (owner_id);
    CREATE INDEX face_withdrawals_said_of ON face_withdrawals (member_id);

    -- Stores that were given a template.
    CREATE TABLE face_fed (
      template_id text COLLATE "C" NOT NULL,
      store_id text COLLATE "C" NOT NULL,
      since_ms bigint NOT NULL,
      left_at_ms bigint,
      PRIMARY KEY (template_id, store_id)
    );
    CREATE INDEX face_fed_at ON face_fed (store_id, template_id) WHERE left_at_ms IS NULL;
    -- Tills that had a template's key, and when each said that it has destroyed it.
    CREATE TABLE face_holders (
      template_id text COLLATE "C" NOT NULL,
      till_id text COLLATE "C" NOT NULL,
      since_ms bigint NOT NULL,
      confirmed_at_ms bigint,
      PRIMARY KEY (template_id, till_id)
    );
    CREATE INDEX face_holders_of ON face_holders (till_id);
    -- A till that lacks a key asks for it; both sides of it are gone with delivery, time or the template.
    CREATE TABLE face_questions (
      question_id text COLLATE "C" PRIMARY KEY,
      template_id text COLLATE "C" NOT NULL REFERENCES face_templates (template_id) ON DELETE CASCADE,
      till_id text COLLATE "C" NOT NULL,
      public_key text NOT NULL,
      at text NOT NULL,
      signature text NOT NULL,
      expires_at_ms bigint NOT NULL,
      answered_by text COLLATE "C",
      enc text,
      sealed text
    );
    CREATE INDEX face_questions_about ON face_questions (template_id);
    CREATE INDEX face_questions_of ON face_questions (till_id);
    CREATE INDEX face_questions_ending ON face_questions (expires_at_ms);
    -- Questions that were delivered, until they are too old to be taken again.
    CREATE TABLE face_spent (question_id text COLLATE "C" PRIMARY KEY, expires_at_ms bigint NOT NULL);
    CREATE INDEX face_spent_ending ON face_spent (expires_at_ms);
    CREATE TABLE face_asked (till_id text COLLATE "C" PRIMARY KEY, since_ms bigint NOT NULL, asked bigint NOT NULL);

    CREATE FUNCTION epoch_ms() RETURNS bigint LANGUAGE sql AS
      $$ SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint $$;
    -- Gives a template to stores that should have it and takes it from those that should not.
    CREATE FUNCTION fit_face(the_template text) RETURNS void LANGUAGE plpgsql AS $$
      DECLARE t face_templates%ROWTYPE; one text;
      BEGIN
        SELECT * INTO t FROM face_templates WHERE template_id = the_template FOR UPDATE;
        FOR one IN
          UPDATE face_fed f SET left_at_ms = epoch_ms()
          WHERE f.template_id = the_template AND f.left_at_ms IS NULL AND NOT EXISTS (
            SELECT 1 FROM member_scopes s WHERE s.member_id = t.owner_id AND s.store_id = f.store_id
              AND s.reason <> 'lookup' AND (t.scope = 'chain' OR s.store_id = t.store_id))
          RETURNING f.store_id
        LOOP PERFORM publish_row(one, 'face', the_template, NULL, true); END LOOP;
        FOR one IN
          INSERT INTO face_fed (template_id, store_id, since_ms)
          SELECT the_template, s.store_id, epoch_ms() FROM member_scopes s
          WHERE s.member_id = t.owner_id AND s.reason <> 'lookup' AND (t.scope = 'chain' OR s.store_id = t.store_id)
          ORDER BY s.store_id
          ON CONFLICT DO NOTHING RETURNING store_id
        LOOP
          -- Its tills must find who the member is today.
          IF t.member_id <> t.owner_id THEN
            INSERT INTO member_scopes
              SELECT t.member_id, s.store_id, 'visit', s.since_ms FROM member_scopes s
              WHERE s.member_id = t.owner_id AND s.store_id = one
              ON CONFLICT DO NOTHING;
          END IF;
          PERFORM publish_row(one, 'face', the_template, t.body, true);
        END LOOP;
      END $$;
    CREATE FUNCTION face_changed() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF TG_OP = 'DELETE' THEN
          INSERT INTO face_ends VALUES (OLD.template_id, OLD.member_id, OLD.owner_id, 'membership-ended', epoch_ms())
            ON CONFLICT DO NOTHING;
          PERFORM fit_face(OLD.template_id);
        ELSE PERFORM fit_face(NEW.template_id); END IF;
        RETURN NULL;
      END $$;
    CREATE TRIGGER face_changed AFTER INSERT OR DELETE OR UPDATE OF owner_id ON face_templates
      FOR EACH ROW EXECUTE FUNCTION face_changed();

    -- After publish_scope, which holds the member.
    CREATE FUNCTION scope_faces() RETURNS trigger LANGUAGE plpgsql AS $$
      DECLARE the_member text; one text;
      BEGIN
        IF TG_OP = 'DELETE' THEN the_member := OLD.member_id; ELSE the_member := NEW.member_id; END IF;
        FOR one IN SELECT template_id FROM face_templates WHERE owner_id = the_member ORDER BY template_id
        LOOP PERFORM fit_face(one); END LOOP;
        RETURN NULL;
      END $$;
    CREATE TRIGGER scope_faces AFTER INSERT OR DELETE OR UPDATE OF reason ON member_scopes
      FOR EACH ROW EXECUTE FUNCTION scope_faces();

    -- Who a member id stands for today.
    CREATE FUNCTION living_member(the_member text) RETURNS text LANGUAGE plpgsql STABLE AS $$
      DECLARE at text := the_member; further text; steps integer := 0;
      BEGIN
        LOOP
          SELECT body::jsonb ->> 'mergedInto' INTO further FROM members
            WHERE member_id = at AND strpos(body, '"status":"merged"') > 0;
          EXIT WHEN further IS NULL OR steps >= 8 OR NOT EXISTS (SELECT 1 FROM members WHERE member_id = further);
          at := further;
          steps := steps + 1;
        END LOOP;
        RETURN at;
      END $$;
    CREATE FUNCTION own_faces() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        UPDATE face_templates SET owner_id = living_member(member_id)
          WHERE (member_id = NEW.member_id OR owner_id = NEW.member_id) AND owner_id <> living_member(member_id);
        RETURN NULL;
      END $$;
    CREATE TRIGGER own_faces AFTER UPDATE OF body ON members FOR EACH ROW
      WHEN (strpos(OLD.body, '"status":"merged"') > 0 OR strpos(NEW.body, '"status":"merged"') > 0)
      EXECUTE FUNCTION own_faces();
  `,
};
