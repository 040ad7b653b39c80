import type { Migration } from './migration.ts';

/**
 * What held and booked sales have taken of rules that are counted and of campaign money, by evaluation. The totals stand
 * for themselves, so that asking them costs the same on the last day of a campaign and they outlive the rows. Holds that
 * stand already have taken nothing.
 */
export const migration: Migration = {
  version: 17,
  name: 'rule-uses',
  sql: `
    CREATE TABLE rule_uses (
      evaluation_id TEXT NOT NULL,
      rule_id TEXT NOT NULL,
      member_id TEXT,
      day TEXT NOT NULL,
      counted INTEGER NOT NULL CHECK (counted IN (0, 1)),
      budget_id TEXT,
      amount_minor INTEGER NOT NULL CHECK (amount_minor >= 0),
      PRIMARY KEY (evaluation_id, rule_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX rule_uses_by_day ON rule_uses (day, rule_id);
    CREATE INDEX rule_uses_by_member ON rule_uses (member_id, rule_id, day) WHERE member_id IS NOT NULL;
    CREATE TABLE use_totals (
      kind TEXT NOT NULL CHECK (kind IN ('rule', 'budget')),
      id TEXT NOT NULL,
      amount INTEGER NOT NULL CHECK (amount >= 0),
      PRIMARY KEY (kind, id)
    ) STRICT, WITHOUT ROWID;
    UPDATE holds SET body = json_set(body, '$.record.uses', json('[]')) WHERE state <> 'COMMITTED';
  `,
};
