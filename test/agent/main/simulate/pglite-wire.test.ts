import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { overPgliteWire } from '../../../../agent/main/simulate/pglite-wire.ts';
import type { HqDatabase, HqValue } from '../../../../sync/hq/database/database.ts';
import { overPglite } from '../../../../sync/hq/database/open-pglite.ts';

let pglite: PGlite;
let wire: HqDatabase;
let product: HqDatabase;
beforeAll(async () => {
  pglite = await PGlite.create();
  wire = overPgliteWire(pglite);
  product = overPglite(pglite, null);
  await wire.script(
    'CREATE TABLE goods (id int PRIMARY KEY, name text NOT NULL CHECK (length(name) < 9))',
  );
}, 120_000);
afterAll(() => pglite.close());

/** What a call answers or throws. */
async function outcome(work: Promise<unknown>): Promise<unknown> {
  return work.catch((error: Error & { code: unknown; constraint: unknown }) => {
    const { name, message, code, constraint } = error;
    return { name, message, code, constraint };
  });
}

describe('the database of a simulated headquarters', () => {
  const LONG = '店'.repeat(90_000);
  test.each<[string, readonly HqValue[]]>([
    ['SELECT $1::text AS a, $2::bigint AS b, $3::int AS c', [LONG, 9_007_199_254_740_991, -1]],
    ['SELECT $1::text AS a, NULL::bigint AS b, $2::bool AS c, true AS d', ['', false]],
    [
      'SELECT $1::text[] AS a, $2::bigint[] AS b',
      [
        ['a"\\,{}', null, '价格'],
        [1, 2],
      ],
    ],
    ['SELECT $1::bytea AS a', [Uint8Array.of(0, 1, 255)]],
    ['SELECT n, $1::text AS t FROM generate_series(1, 3000) AS n', [null]],
    ['SELECT 1 AS a WHERE false', []],
    ['SELECT $1::int AS a', ['no number']],
    ['SELECT * FROM nowhere', []],
    ["INSERT INTO goods VALUES (1, 'far too long a name')", []],
    ["INSERT INTO goods VALUES (2, 'milk'), (2, 'bread')", []],
    ["UPDATE goods SET name = 'x' RETURNING id", []],
  ])('answers %s as the product does, each time', async (sql, values) => {
    const right = await outcome(product.query(sql, values));
    expect(await outcome(wire.query(sql, values))).toEqual(right);
    expect(await outcome(wire.query(sql, values))).toEqual(right);
  });

  test('keeps nothing of a transaction that throws, and refuses to commit one that failed', async () => {
    const left = () => wire.query('SELECT id FROM goods');
    const insert = "INSERT INTO goods VALUES (7, 'salt')";
    const thrown = wire.transaction(async (tx) => {
      await tx.query(insert);
      throw new Error('own');
    });
    await expect(thrown).rejects.toThrow('own');
    const swallowed = wire.transaction(async (tx) => {
      await tx.query(insert);
      await tx.query('SELECT 1 / 0').catch(() => undefined);
    });
    await expect(swallowed).rejects.toMatchObject({ name: 'HqDatabaseError', code: '25P02' });
    expect(await left()).toEqual([]);
  });

  test('lets nobody in between the statements of a transaction', async () => {
    const seen: string[] = [];
    const first = wire.transaction(async (tx) => {
      await tx.query('SELECT 1');
      await new Promise((resolve) => setTimeout(resolve, 5));
      await tx.query('SELECT 2');
      seen.push('transaction');
    });
    const second = wire.query('SELECT 3').then(() => seen.push('statement'));
    await Promise.all([first, second]);
    expect(seen).toEqual(['transaction', 'statement']);
  });

  test('tells of a notification once it is committed, until it is no longer listened to', async () => {
    const heard: string[] = [];
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    const stop = await wire.listen('news', (payload) => heard.push(payload));
    await wire.transaction(async (tx) => {
      await tx.query("SELECT pg_notify('news', '鲜')");
      await turn();
      expect(heard).toEqual([]);
    });
    await turn();
    expect(heard).toEqual(['鲜']);
    await stop();
    await wire.query("SELECT pg_notify('news', 'again')");
    await turn();
    expect(heard).toEqual(['鲜']);
  });
});
