import { expect, test } from 'vitest';
import { migrate } from '../../../../sync/hq/migrate.ts';
import { HQ_MIGRATIONS } from '../../../../sync/hq/migrations.ts';
import { describeOnEngines, must } from '../../../support/hq-database.ts';

const ONE = { version: 1, name: 'one', sql: 'CREATE TABLE a (n int); INSERT INTO a VALUES (1);' };
const TWO = {
  version: 2,
  name: 'two',
  sql: 'UPDATE a SET n = n + 1; CREATE TABLE hq_meta (name text PRIMARY KEY, value text NOT NULL);',
};

describeOnEngines("HQ's schema", (hq) => {
  test('is made step by step, once, and keeps its timeline', async () => {
    const db = await hq.fresh({ migrated: false });
    const first = must(await migrate(db, HQ_MIGRATIONS));
    expect(first.applied).toEqual(HQ_MIGRATIONS.map(({ version }) => version));
    const again = must(await migrate(db, HQ_MIGRATIONS));
    expect(again).toEqual({ ...first, applied: [] });
    expect(first.timeline).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('is made once by two processes that start at once', async () => {
    const db = await hq.fresh({ migrated: false });
    const other = hq.engine === 'postgresql' ? await hq.another(db) : db;
    const [a, b] = await Promise.all([migrate(db, [ONE, TWO]), migrate(other, [ONE, TWO])]);
    expect([...must(a).applied, ...must(b).applied].toSorted()).toEqual([1, 2]);
    expect(must(a).timeline).toBe(must(b).timeline);
    expect(await db.query('SELECT n FROM a')).toEqual([{ n: 2 }]);
  });

  test('stays as it was where a step fails', async () => {
    const db = await hq.fresh({ migrated: false });
    const broken = { ...TWO, sql: 'UPDATE a SET n = 5; SELECT * FROM nowhere;' };
    await expect(migrate(db, [ONE, broken])).rejects.toThrow('nowhere');
    expect(await db.query('SELECT n FROM a')).toEqual([{ n: 1 }]);
    expect(must(await migrate(db, [ONE, TWO])).applied).toEqual([2]);
  });

  test('of a newer program is refused and left alone', async () => {
    const db = await hq.fresh({ migrated: false });
    must(await migrate(db, [ONE, TWO]));
    const refused = await migrate(db, [ONE]);
    expect(refused).toMatchObject({ ok: false, error: { code: 'schema-newer' } });
  });

  test('of another program is refused', async () => {
    const db = await hq.fresh({ migrated: false });
    must(await migrate(db, [ONE, TWO]));
    const refused = await migrate(db, [{ ...ONE, name: 'uno' }, TWO]);
    expect(refused).toMatchObject({ ok: false, error: { code: 'schema-differs' } });
  });
});
