import type { HqMigration } from './migration.ts';

/**
 * The chain's ledger: every entry of every till under its own number, append-only like at the till, and HQ's own chained
 * ledger of online bookings.
 */
export const migration: HqMigration = {
  version: 4,
  name: 'ledger',
  sql: `
    CREATE TABLE ledger_heads (
      till_id text COLLATE "C" NOT NULL,
      incarnation text COLLATE "C" NOT NULL,
      seq bigint NOT NULL,
      hash text NOT NULL,
      outbox_no bigint NOT NULL,
      backed_up_seq bigint NOT NULL DEFAULT 0,
      PRIMARY KEY (till_id, incarnation)
    );
    CREATE TABLE ledger (
      till_id text COLLATE "C" NOT NULL,
      incarnation text COLLATE "C" NOT NULL,
      seq bigint NOT NULL,
      entry_id text NOT NULL UNIQUE,
      kind text NOT NULL,
      sale_id text NOT NULL,
      return_id text,
      store_id text NOT NULL,
      business_day text NOT NULL,
      at_ms bigint NOT NULL,
      payable_minor bigint NOT NULL,
      currency text NOT NULL,
      points_earned bigint NOT NULL,
      points_spent bigint NOT NULL,
      exception text,
      header text NOT NULL,
      hash text NOT NULL,
      sealed bytea NOT NULL,
      key_id text NOT NULL,
      member_id text,
      facts text NOT NULL,
      received_at_ms bigint NOT NULL,
      PRIMARY KEY (till_id, incarnation, seq)
    );
    CREATE INDEX ledger_by_sale ON ledger (sale_id);
    CREATE INDEX ledger_by_member ON ledger (member_id) WHERE member_id IS NOT NULL;
    CREATE INDEX ledger_received ON ledger (received_at_ms);
    CREATE FUNCTION ledger_keeps_entries() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$;
    CREATE TRIGGER ledger_keeps_entries BEFORE UPDATE OR DELETE ON ledger
      FOR EACH ROW EXECUTE FUNCTION ledger_keeps_entries();
    CREATE TABLE subject_keys (
      key_id text PRIMARY KEY,
      till_id text NOT NULL,
      member_id text,
      key bytea NOT NULL
    );
    CREATE TABLE audit (
      id bigserial PRIMARY KEY,
      till_id text NOT NULL,
      at_ms bigint NOT NULL,
      staff_id text,
      action text NOT NULL,
      detail text NOT NULL
    );
    -- Facts that need a person: booked all the same.
    CREATE TABLE exceptions (
      id bigserial PRIMARY KEY,
      at_ms bigint NOT NULL,
      code text NOT NULL,
      till_id text,
      incarnation text,
      seq bigint,
      member_id text,
      detail text NOT NULL,
      state text NOT NULL DEFAULT 'open'
    );
    CREATE TABLE allowances (
      allowance_id text COLLATE "C" PRIMARY KEY,
      till_id text NOT NULL,
      incarnation text NOT NULL,
      member_id text,
      evaluation_id text NOT NULL,
      kind text NOT NULL CHECK (kind IN ('points', 'coupon')),
      points bigint,
      coupon text,
      state text NOT NULL CHECK (state IN ('open', 'settled', 'released')),
      hold_until_ms bigint NOT NULL,
      created_at_ms bigint NOT NULL,
      closed_at_ms bigint
    );
    CREATE INDEX allowances_of_member ON allowances (member_id) WHERE state = 'open';
    CREATE INDEX allowances_of_till ON allowances (till_id, incarnation) WHERE state = 'open';
    CREATE UNIQUE INDEX allowances_of_coupon ON allowances (coupon) WHERE kind = 'coupon' AND state IN ('open', 'settled');
    CREATE TABLE rule_uses (
      rule_id text NOT NULL,
      store_id text NOT NULL,
      member_id text NOT NULL,
      day text NOT NULL,
      uses bigint NOT NULL,
      budget_id text NOT NULL,
      amount_minor bigint NOT NULL,
      PRIMARY KEY (rule_id, budget_id, store_id, member_id, day)
    );
    CREATE TABLE joins (
      provisional_id text COLLATE "C" PRIMARY KEY,
      member_id text NOT NULL,
      till_id text NOT NULL,
      consent text NOT NULL,
      at_ms bigint NOT NULL
    );
    CREATE TABLE online_ledger (
      seq bigint PRIMARY KEY,
      kind text NOT NULL CHECK (kind IN ('purchase', 'return', 'points')),
      idempotency_key text NOT NULL UNIQUE,
      request_hash text NOT NULL,
      member_id text NOT NULL,
      order_id text,
      amount_minor bigint NOT NULL,
      points_earned bigint NOT NULL,
      points_spent bigint NOT NULL,
      at_ms bigint NOT NULL,
      received_at_ms bigint NOT NULL,
      header text NOT NULL,
      hash text NOT NULL,
      reply text NOT NULL
    );
    CREATE UNIQUE INDEX online_purchase ON online_ledger (order_id) WHERE kind = 'purchase';
    CREATE INDEX online_of_order ON online_ledger (order_id) WHERE order_id IS NOT NULL;
    CREATE TRIGGER online_ledger_keeps_entries BEFORE UPDATE OR DELETE ON online_ledger
      FOR EACH ROW EXECUTE FUNCTION ledger_keeps_entries();
    CREATE TABLE backups (id bigserial PRIMARY KEY, started_at_ms bigint NOT NULL, noted_at_ms bigint NOT NULL);
  `,
};
