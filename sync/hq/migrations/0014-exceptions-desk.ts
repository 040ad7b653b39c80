import type { HqMigration } from './migration.ts';

/**
 * The desk at which people settle cases, with a history that only grows; and the one exception to the append-only ledger:
 * a row that was damaged here is put right from its till, and only where its damaged image stands in `ledger_mends`.
 */
export const migration: HqMigration = {
  version: 14,
  name: 'exceptions-desk',
  sql: `
    ALTER TABLE exceptions ADD CONSTRAINT exceptions_state CHECK (state IN ('open', 'settled'));
    CREATE INDEX exceptions_by_state ON exceptions (state, id);
    CREATE TABLE exception_steps (
      id bigserial PRIMARY KEY,
      exception_id bigint NOT NULL REFERENCES exceptions (id),
      at_ms bigint NOT NULL,
      step text NOT NULL CHECK (step IN ('settled', 'reopened')),
      by_name text NOT NULL,
      -- What was done; of a case that was opened again nothing was.
      done text,
      note text NOT NULL CHECK (note <> ''),
      CHECK ((step = 'settled') = (done IS NOT NULL))
    );
    CREATE INDEX exception_steps_of ON exception_steps (exception_id, id);
    CREATE FUNCTION history_stays() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'history is append-only'; END $$;
    CREATE TRIGGER exception_steps_stay BEFORE UPDATE OR DELETE ON exception_steps
      FOR EACH ROW EXECUTE FUNCTION history_stays();
    CREATE FUNCTION exceptions_stay() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'state' = to_jsonb(OLD) - 'state' AND EXISTS (
          SELECT 1 FROM (SELECT step FROM exception_steps s WHERE s.exception_id = OLD.id ORDER BY s.id DESC LIMIT 1) AS last
          WHERE last.step = CASE NEW.state WHEN 'settled' THEN 'settled' ELSE 'reopened' END)
        THEN RETURN NEW; END IF;
        RAISE EXCEPTION 'a case changes its state by a step of its history alone';
      END $$;
    CREATE TRIGGER exceptions_stay BEFORE UPDATE OR DELETE ON exceptions
      FOR EACH ROW EXECUTE FUNCTION exceptions_stay();

    CREATE TABLE ledger_mends (
      id bigserial PRIMARY KEY,
      till_id text COLLATE "C" NOT NULL,
      incarnation text COLLATE "C" NOT NULL,
      seq bigint NOT NULL,
      at_ms bigint NOT NULL,
      -- The whole row as it was, bytes as hex.
      damaged text NOT NULL,
      hash text NOT NULL,
      sealed_hash text NOT NULL
    );
    CREATE INDEX ledger_mends_of ON ledger_mends (till_id, incarnation, seq);
    CREATE TRIGGER ledger_mends_stay BEFORE UPDATE OR DELETE ON ledger_mends
      FOR EACH ROW EXECUTE FUNCTION history_stays();
    CREATE FUNCTION ledger_keeps_or_mends() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF TG_OP = 'UPDATE'
          AND (NEW.till_id, NEW.incarnation, NEW.seq, NEW.received_at_ms)
            = (OLD.till_id, OLD.incarnation, OLD.seq, OLD.received_at_ms)
          AND NEW.hash = encode(sha256(convert_to(NEW.header, 'UTF8')), 'hex')
          AND EXISTS (
            SELECT 1 FROM ledger_mends m
            WHERE m.till_id = OLD.till_id AND m.incarnation = OLD.incarnation AND m.seq = OLD.seq
              AND m.damaged = to_jsonb(OLD)::text AND m.hash = NEW.hash
              AND m.sealed_hash = encode(sha256(NEW.sealed), 'hex'))
        THEN RETURN NEW; END IF;
        RAISE EXCEPTION 'the ledger is append-only';
      END $$;
    DROP TRIGGER ledger_keeps_entries ON ledger;
    CREATE TRIGGER ledger_keeps_entries BEFORE UPDATE OR DELETE ON ledger
      FOR EACH ROW EXECUTE FUNCTION ledger_keeps_or_mends();
  `,
};
