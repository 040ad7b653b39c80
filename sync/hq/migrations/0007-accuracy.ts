import type { HqMigration } from './migration.ts';

/**
 * Whether tills decided as full data would have it. `member_history` keeps what members were, without what names them;
 * `accuracy_uses` and
 * `accuracy_coupons` when rules and coupons were used; `evaluations_checked` one row for each sale, with what was found.
 */
export const migration: HqMigration = {
  version: 7,
  name: 'accuracy',
  sql: `
    CREATE TABLE member_history (
      member_id text COLLATE "C" NOT NULL,
      ver bigint NOT NULL,
      -- The moment at which the next version took its place.
      until_ms bigint NOT NULL,
      -- JSON of the member without name, phone and cards; null where it could not be read.
      facts text,
      PRIMARY KEY (member_id, ver)
    );
    CREATE INDEX member_history_until ON member_history (until_ms);
    CREATE FUNCTION keep_member_version() RETURNS trigger LANGUAGE plpgsql AS $$
      DECLARE facts text;
      BEGIN
        BEGIN
          facts := (OLD.body::jsonb - '{name,phone,cards,gsrn}'::text[])::text;
        EXCEPTION WHEN data_exception THEN
          -- A member that jsonb cannot hold must be writable all the same.
          facts := NULL;
        END;
        INSERT INTO member_history
          VALUES (OLD.member_id, OLD.ver, (extract(epoch FROM clock_timestamp()) * 1000)::bigint, facts)
          ON CONFLICT DO NOTHING;
        RETURN NULL;
      END $$;
    CREATE TRIGGER keep_member_version AFTER UPDATE OF body ON members
      FOR EACH ROW WHEN (OLD.body IS DISTINCT FROM NEW.body) EXECUTE FUNCTION keep_member_version();
    CREATE FUNCTION forget_member_history() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN DELETE FROM member_history WHERE member_id = OLD.member_id; RETURN NULL; END $$;
    CREATE TRIGGER forget_member_history AFTER DELETE ON members
      FOR EACH ROW EXECUTE FUNCTION forget_member_history();

    -- One row, locked by whoever takes entries in: passed counts the times that it did. Versions of members are kept
    -- from history_since_ms on.
    CREATE TABLE accuracy_state (
      one boolean PRIMARY KEY DEFAULT true CHECK (one),
      passed bigint NOT NULL,
      history_since_ms bigint NOT NULL
    );
    INSERT INTO accuracy_state (passed, history_since_ms)
      VALUES (0, (extract(epoch FROM clock_timestamp()) * 1000)::bigint);
    CREATE TABLE accuracy_cursors (
      till_id text COLLATE "C" NOT NULL,
      incarnation text COLLATE "C" NOT NULL,
      seq bigint NOT NULL,
      PRIMARY KEY (till_id, incarnation)
    );
    CREATE TABLE accuracy_uses (
      rule_id text COLLATE "C" NOT NULL,
      budget_id text COLLATE "C",
      store_id text NOT NULL,
      member_id text,
      day text COLLATE "C" NOT NULL,
      at_ms bigint NOT NULL,
      till_id text NOT NULL,
      incarnation text NOT NULL,
      seq bigint NOT NULL,
      uses bigint NOT NULL,
      amount_minor bigint NOT NULL
    );
    CREATE INDEX accuracy_uses_at ON accuracy_uses (rule_id, at_ms);
    CREATE INDEX accuracy_uses_day ON accuracy_uses (rule_id, store_id, day);
    CREATE INDEX accuracy_uses_member ON accuracy_uses (member_id, rule_id) WHERE member_id IS NOT NULL;
    CREATE INDEX accuracy_uses_budget ON accuracy_uses (budget_id, at_ms) WHERE budget_id IS NOT NULL;
    CREATE TABLE accuracy_coupons (
      code text COLLATE "C" NOT NULL,
      at_ms bigint NOT NULL,
      till_id text NOT NULL,
      incarnation text NOT NULL,
      seq bigint NOT NULL
    );
    CREATE INDEX accuracy_coupons_of ON accuracy_coupons (code, at_ms);
    -- What all uses of rules sum up to, so that a count begins at the end.
    CREATE TABLE accuracy_totals (
      kind text NOT NULL CHECK (kind IN ('rule', 'budget')),
      id text COLLATE "C" NOT NULL,
      amount bigint NOT NULL,
      PRIMARY KEY (kind, id)
    );
    CREATE SEQUENCE accuracy_due;
    CREATE TABLE evaluations_checked (
      till_id text COLLATE "C" NOT NULL,
      incarnation text COLLATE "C" NOT NULL,
      seq bigint NOT NULL,
      sale_id text NOT NULL,
      store_id text COLLATE "C" NOT NULL,
      business_day text COLLATE "C" NOT NULL,
      week text COLLATE "C" NOT NULL,
      at_ms bigint NOT NULL,
      -- Its place among those to be looked at; null once it was.
      due bigint,
      checked_at_ms bigint,
      decided_at_ms bigint,
      rules_in_force bigint,
      engine text CHECK (engine IN ('equal', 'different', 'erased', 'input-cleared', 'rule-set-missing', 'broken')),
      -- null where nobody can tell any more.
      accurate boolean,
      cause text,
      fields text NOT NULL DEFAULT '[]',
      differences text NOT NULL DEFAULT '[]',
      -- Whose later news changes what was found: m: member, r: rule, b: budget, c: coupon.
      keys text[] NOT NULL DEFAULT '{}',
      PRIMARY KEY (till_id, incarnation, seq)
    );
    CREATE INDEX evaluations_due ON evaluations_checked (due) WHERE due IS NOT NULL;
    CREATE INDEX evaluations_by_day ON evaluations_checked (business_day, store_id);
    CREATE INDEX evaluations_cases ON evaluations_checked (at_ms, till_id, incarnation, seq) WHERE cause IS NOT NULL;
    CREATE INDEX evaluations_by_key ON evaluations_checked USING gin (keys);
  `,
};
