import { expect, test } from 'vitest';
import type { HqDatabase } from '../../../../sync/hq/database/database.ts';
import { migrate } from '../../../../sync/hq/migrate.ts';
import { HQ_MIGRATIONS } from '../../../../sync/hq/migrations.ts';
import { describeOnEngines, must } from '../../../support/hq-database.ts';
import { restorable } from '../../../support/restore-database.ts';

/** When the steps of the schema were made. */
const HIDDEN: Readonly<Record<string, string>> = {
  hq_migrations: "- 'at_ms'",
  feed_marks: "- 'at_ms'",
  accuracy_state: "- 'history_since_ms'",
};

/** Everything that tells one database from another, but for when its steps were made and its timeline. */
async function stateOf(db: HqDatabase): Promise<Record<string, unknown>> {
  const tables = await db.query<{ name: string }>(
    "SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1",
  );
  const rows: [string, unknown][] = [];
  for (const { name } of tables) {
    const hidden = HIDDEN[name] ?? '';
    const all = `SELECT to_jsonb(t) ${hidden} AS row FROM ${name} AS t ORDER BY 1`;
    rows.push([name, name === 'hq_meta' ? '' : await db.query(all)]);
  }
  return {
    rows,
    sequences: await db.query(
      "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1",
    ),
    columns: await db.query(
      `SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns
       WHERE table_schema = 'public' ORDER BY 1, 2`,
    ),
    indexes: await db.query(
      "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
    ),
    constraints: await db.query(
      `SELECT conname, pg_get_constraintdef(oid) AS def FROM pg_constraint
       WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2`,
    ),
    triggers: await db.query(
      'SELECT tgname, tgrelid::regclass::text AS on, tgenabled FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2',
    ),
    functions: await db.query(
      "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1, 2",
    ),
  };
}

const HARM: Readonly<Record<string, string>> = {
  'rows and their numbers': `INSERT INTO settings VALUES ('join', '{}'); INSERT INTO tags VALUES ('t', '{}');
     DELETE FROM outbox; UPDATE feed_head SET pos = 7; DELETE FROM feed_marks`,
  'numbers of rows that are gone again':
    "INSERT INTO settings VALUES ('join', '{}'); DELETE FROM settings; DELETE FROM outbox",
  'a column': 'ALTER TABLE tags ADD COLUMN extra text',
  'a default': "ALTER TABLE tags ALTER COLUMN body SET DEFAULT 'x'",
  'a renamed table': 'ALTER TABLE outbox RENAME TO outbox_away',
  'a dropped table': 'DROP TABLE documents',
  'a table of its own': 'CREATE TABLE plain_log (id bigserial PRIMARY KEY)',
  'an index': 'CREATE INDEX extra ON tags (body)',
  'a trigger': 'ALTER TABLE tags DISABLE TRIGGER publish_tag',
  'a function':
    'CREATE OR REPLACE FUNCTION outbox_heard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$',
};

describeOnEngines('a database of a test', (hq) => {
  test('is what the steps of the schema make, with a timeline of its own', async () => {
    const made = await hq.fresh({ migrated: false });
    must(await migrate(made, HQ_MIGRATIONS));
    const one = await hq.fresh();
    expect(await stateOf(one)).toEqual(await stateOf(made));
    const timeline = "SELECT value FROM hq_meta WHERE name = 'timeline'";
    expect(await one.query(timeline)).not.toEqual(await made.query(timeline));
  });

  test.for(Object.entries(HARM))('shows nothing of the test before: %s', async ([, harm]) => {
    const db = await hq.fresh();
    await db.query('DELETE FROM hq_meta');
    const expected = await stateOf(db);
    const { restore } = await restorable(db);
    for (let again = 0; again < 2; again += 1) {
      await db.script(harm);
      await restore();
      expect(await stateOf(db)).toEqual(expected);
    }
  });
});
