import { expect, test } from 'vitest';
import { isHqDatabaseError } from '../../../../sync/hq/database/hq-database-error.ts';
import { describeOnEngines } from '../../../support/hq-database.ts';

describeOnEngines("HQ's database", (hq) => {
  test('gives bigint as a number and arrays as lists', async () => {
    const db = await hq.fresh({ migrated: false });
    const [row] = await db.query<{ bytes: Uint8Array }>(
      'SELECT 9007199254740991::bigint AS big, $1::bigint[] AS bigs, $2::text[] AS texts, $3::bytea AS bytes, count(*) AS n',
      [[1, 2 ** 40, null], ['a', 'NULL', null, 'b"\\,{}', '会员'], new Uint8Array([0, 255])],
    );
    expect({ ...row, bytes: [...(row?.bytes ?? [])] }).toEqual({
      big: Number.MAX_SAFE_INTEGER,
      bigs: [1, 2 ** 40, null],
      texts: ['a', 'NULL', null, 'b"\\,{}', '会员'],
      bytes: [0, 255],
      n: 1,
    });
  });

  test('rolls a transaction back whole where its work throws, and throws that', async () => {
    const db = await hq.fresh({ migrated: false });
    await db.script('CREATE TABLE t (a text UNIQUE)');
    const thrown = new Error('no more');
    const work = db.transaction(async (tx) => {
      await tx.query("INSERT INTO t VALUES ('x')");
      throw thrown;
    });
    await expect(work).rejects.toBe(thrown);
    expect(await db.query('SELECT * FROM t')).toEqual([]);
  });

  test('does not take a commit for done whose failed statement was swallowed', async () => {
    const db = await hq.fresh({ migrated: false });
    await db.script('CREATE TABLE t (a text UNIQUE)');
    const work = db.transaction(async (tx) => {
      await tx.query("INSERT INTO t VALUES ('x')");
      await tx.query("INSERT INTO t VALUES ('x')").catch(() => {});
    });
    await expect(work).rejects.toThrow();
    expect(await db.query('SELECT * FROM t')).toEqual([]);
  });

  test('names the kind of a failure and never the values of the statement', async () => {
    const db = await hq.fresh({ migrated: false });
    await db.script('CREATE TABLE t (phone text UNIQUE, n bigint)');
    await db.query("INSERT INTO t VALUES ('13812345678')");
    const twice = await db
      .query('INSERT INTO t VALUES ($1)', ['13812345678'])
      .catch((error: unknown) => error);
    expect(twice).toMatchObject({ code: '23505', constraint: 't_phone_key' });
    const unfit = await db
      .query("INSERT INTO t SELECT '1', $1::text::bigint", ['13812345678x'])
      .catch((error: unknown) => error);
    expect(unfit).toMatchObject({ code: '22P02' });
    for (const error of [twice, unfit]) {
      expect(isHqDatabaseError(error)).toBe(true);
      const told = JSON.stringify(error, Object.getOwnPropertyNames(error));
      expect(told).not.toContain('13812345678');
    }
  });

  test('refuses a statement beside the session of its transaction', async () => {
    const db = await hq.fresh({ migrated: false });
    const work = db.transaction(() => db.query('SELECT 1'));
    await expect(work).rejects.toThrow('use its session');
    await expect(db.query('SELECT 1 AS one')).resolves.toEqual([{ one: 1 }]);
  });

  test('reads one state throughout a repeatable read', async () => {
    const db = await hq.fresh({ migrated: false });
    const isolation = await db.transaction(
      (tx) => tx.query("SELECT current_setting('transaction_isolation') AS level"),
      'repeatable read',
    );
    expect(isolation).toEqual([{ level: 'repeatable read' }]);
  });

  test('hears notifications until it stops listening', async () => {
    const db = await hq.fresh({ migrated: false });
    const heard: string[] = [];
    const stop = await db.listen('news', (payload) => heard.push(payload));
    await db.query("SELECT pg_notify('news', 'one')");
    await expect.poll(() => heard).toEqual(['one']);
    await stop();
    await db.query("SELECT pg_notify('news', 'two')");
    await db.query('SELECT 1');
    expect(heard).toEqual(['one']);
  });
});
