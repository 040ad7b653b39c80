import { expect, test } from 'vitest';
import { carryMembers, VISIT_NOTED_AGAIN_MS } from '../../../../sync/hq/books/carry-members.ts';
import {
  expireVisits,
  LOOKUPS_KEPT_HOURS,
  VISITS_CHUNK_ROWS,
  VISITS_KEPT_DAYS,
} from '../../../../sync/hq/books/expire-visits.ts';
import { readsOf, type TableRead } from '../../../support/explain.ts';
import { describeOnEngines, must } from '../../../support/hq-database.ts';
import { type BooksRig, NOON_MS, openBooks, saleFacts } from './rig.ts';

const KEPT_MS = VISITS_KEPT_DAYS * 24 * 60 * 60_000;

describeOnEngines('a visit', (hq) => {
  const scopes = (rig: BooksRig) =>
    rig.db.query('SELECT member_id AS member, store_id AS store FROM member_scopes ORDER BY 1, 2');

  test('ends so many days after the last sale or look-up, and the tills of the store are told', async () => {
    const rig = openBooks(await hq.fresh());
    const [sold, found, gone] = [await rig.member(1), await rig.member(2), await rig.member(3)];
    await rig.lot(gone, 'old', 5);
    const till = rig.till('till-1');
    const lookUp = (value: string) =>
      rig.books.findMember(till.caller, { by: 'member', value }, undefined);
    for (const value of [sold, found, gone]) must(await lookUp(value));
    rig.clockMs = NOON_MS + KEPT_MS;
    expect(await expireVisits(rig.deps)).toBe(0);
    till.entry(saleFacts(sold, { saleId: 's1' }));
    must(await till.send());
    must(await lookUp(found));
    rig.clockMs += 1;
    await rig.db.query('DELETE FROM outbox');
    expect(await expireVisits(rig.deps)).toBe(1);
    expect(await scopes(rig)).toEqual([
      { member: sold, store: 'store-1' },
      { member: found, store: 'store-1' },
    ]);
    expect(
      await rig.db.query('SELECT scope, tbl, key, body, urgent FROM outbox ORDER BY id'),
    ).toEqual([
      { scope: 'store-1', tbl: 'member', key: gone, body: null, urgent: false },
      { scope: 'store-1', tbl: 'points', key: gone, body: null, urgent: false },
    ]);
  });

  test('is noted again after a day, so that not every sale writes it, and sends the tills nothing', async () => {
    const rig = openBooks(await hq.fresh());
    const member = await rig.member(1);
    const carry = (atMs: number) =>
      carryMembers(rig.db, { storeId: 'store-1', reason: 'visit', atMs }, [member]);
    const since = async () =>
      (await rig.db.query<{ since_ms: number }>('SELECT since_ms FROM member_scopes'))[0]?.since_ms;
    await carry(NOON_MS);
    await rig.db.query('DELETE FROM outbox');
    await carry(NOON_MS + VISIT_NOTED_AGAIN_MS - 1);
    expect(await since()).toBe(NOON_MS);
    await carry(NOON_MS + VISIT_NOTED_AGAIN_MS);
    expect(await since()).toBe(NOON_MS + VISIT_NOTED_AGAIN_MS);
    expect(await rig.db.query('SELECT 1 FROM outbox')).toEqual([]);
  });

  test('of one of several whom a look-up answered ends after a day, unless they are looked up again or served', async () => {
    const rig = openBooks(await hq.fresh());
    const keptMs = LOOKUPS_KEPT_HOURS * 60 * 60_000;
    const [gone, again, served] = [await rig.member(1), await rig.member(2), await rig.member(3)];
    const lookUp = (...ids: string[]) =>
      carryMembers(rig.db, { storeId: 'store-1', reason: 'lookup', atMs: rig.deps.nowMs() }, ids);
    await lookUp(gone, again, served);
    rig.clockMs += keptMs;
    expect(await expireVisits(rig.deps)).toBe(0);
    await lookUp(again);
    const till = rig.till('till-1');
    till.entry(saleFacts(served, { saleId: 's1' }));
    must(await till.send());
    rig.clockMs += 1;
    await rig.db.query('DELETE FROM outbox');
    expect(await expireVisits(rig.deps)).toBe(1);
    expect(await rig.db.query('SELECT tbl, key, body FROM outbox')).toEqual([
      { tbl: 'member', key: gone, body: null },
    ]);
    expect(await rig.db.query('SELECT member_id, reason FROM member_scopes ORDER BY 1')).toEqual([
      { member_id: again, reason: 'lookup' },
      { member_id: served, reason: 'visit' },
    ]);
  });

  test('that made somebody at home there never ends', async () => {
    const rig = openBooks(await hq.fresh());
    const member = await rig.member(1);
    await carryMembers(rig.db, { storeId: 'store-1', reason: 'home', atMs: 0 }, [member]);
    expect(await expireVisits(rig.deps)).toBe(0);
    expect(await scopes(rig)).toHaveLength(1);
  });

  test(`ends with all others that are over, ${VISITS_CHUNK_ROWS} at a time`, async () => {
    const rig = openBooks(await hq.fresh());
    await rig.db.query(
      `INSERT INTO member_scopes SELECT 'm-' || n, 'store-' || n % 2, 'visit', 0 FROM generate_series(1, $1) n`,
      [VISITS_CHUNK_ROWS + 1],
    );
    expect(await expireVisits(rig.deps)).toBe(VISITS_CHUNK_ROWS + 1);
    expect(await scopes(rig)).toEqual([]);
  });

  test('is found beside any number that go on', async () => {
    const rig = openBooks(await hq.fresh());
    const { db } = rig;
    await db.query('ALTER TABLE member_scopes DISABLE TRIGGER USER');
    await db.query(
      `INSERT INTO member_scopes
       SELECT 'm-' || n, 'store-1', (ARRAY['home', 'visit', 'lookup'])[1 + n % 3],
         CASE WHEN n <= 30 THEN 0 ELSE $1::bigint END FROM generate_series(1, 20000) n`,
      [NOON_MS],
    );
    await db.query('ANALYZE member_scopes');
    const reads: TableRead[] = [];
    const counting: typeof db = {
      ...db,
      async query(sql, values) {
        reads.push(...(await readsOf(db, sql, values)));
        return db.query(sql, values);
      },
    };
    expect(await expireVisits({ ...rig.deps, db: counting })).toBe(20);
    expect(reads.length).toBeGreaterThan(0);
    expect(new Set(reads.map(({ index }) => index))).toEqual(new Set(['member_scopes_ending']));
    expect(reads.reduce((sum, { rows }) => sum + rows, 0)).toBeLessThanOrEqual(40);
  });
});
