import { expect, test } from 'vitest';
import { LOOKUP_CARRIES_MAX } from '../../../../sync/hq/books/count-lookups.ts';
import { expireVisits, LOOKUPS_KEPT_HOURS } from '../../../../sync/hq/books/expire-visits.ts';
import { databaseError } from '../../../../sync/hq/database/hq-database-error.ts';
import { BATCH_MAX_BYTES, sequenceBatch } from '../../../../sync/hq/feed/sequence-batch.ts';
import { LOOKUP_MAX, lookupReplySchema } from '../../../../sync/protocol/member-lookup.ts';
import { describeOnEngines, must } from '../../../support/hq-database.ts';
import { admin, type BooksRig, codeOf, openBooks } from './rig.ts';

describeOnEngines('looking a member up beyond the scope of a store', (hq) => {
  const open = async () => openBooks(await hq.fresh());
  const find = async (rig: BooksRig, by: 'card' | 'gsrn' | 'phone' | 'member', value: string) =>
    rig.books.findMember(
      rig.till('till-1', { storeId: 'store-2' }).caller,
      { by, value },
      undefined,
    );
  const found = async (rig: BooksRig, by: 'card' | 'gsrn' | 'phone' | 'member', value: string) =>
    lookupReplySchema.parse(must(await find(rig, by, value)));

  test('by any whole key: card, GSRN, id, or phone in whichever form it is typed', async () => {
    const rig = await open();
    await rig.member(1);
    await rig.member(2);
    for (const [by, value] of [
      ['card', '620000000001'],
      ['gsrn', '000000000000000001'],
      ['member', 'm-1'],
      ['phone', '13800000001'],
      ['phone', '+8613800000001'],
      ['phone', '8613800000001'],
      ['phone', '008613800000001'],
      ['phone', '138 0000-0001'],
      ['phone', '１３８０００００００１'],
    ] as const) {
      const { rows, tooMany } = await found(rig, by, value);
      expect(rows.map(([table, key]) => [table, key])).toEqual([['member', 'm-1']]);
      expect(tooMany).toBe(false);
    }
  });

  test('a phone that was kept with its country code is found without it', async () => {
    const rig = await open();
    await rig.member(1, { phone: '+8613800000001' });
    expect((await found(rig, 'phone', '13800000001')).rows).toHaveLength(1);
  });

  test('part of a phone is refused: it would name people all over the country', async () => {
    const rig = await open();
    await rig.member(1);
    for (const value of ['000001', '1380000x001', '----'])
      expect(await find(rig, 'phone', value)).toEqual({
        ok: false,
        error: { code: 'invalid-input', field: 'value' },
      });
  });

  test('rows are as the feed has them: member and account with the versions that it tells the store', async () => {
    const rig = await open();
    const member = await rig.member(1);
    await rig.lot(member, 'old', 5);
    const told = async (table: 'outbox' | 'published') =>
      (
        await rig.db.query<{ tbl: string; ver: number; body: string }>(
          `SELECT tbl, ver, body FROM ${table} WHERE scope = 'store-2' ORDER BY tbl`,
        )
      ).map(({ tbl, ver, body }) => [tbl, member, ver, body]);
    const rows = (await found(rig, 'member', member)).rows;
    expect(rows).toHaveLength(2);
    expect(rows).toEqual(await told('outbox'));
    await sequenceBatch(rig.db, { maxRows: 100, maxBytes: BATCH_MAX_BYTES });
    expect(await told('published')).toEqual(rows);
    expect((await found(rig, 'member', member)).rows).toEqual(rows);
    // A damaged version, which no later change would come up to, goes to no till.
    for (const bit of [40, 60]) {
      await rig.db.query(`UPDATE published SET ver = ver # (1::bigint << ${bit})`);
      const bare = (await found(rig, 'member', member)).rows;
      expect(bare.map(([tbl, , , body]) => [tbl, body])).toEqual(
        rows.map(([tbl, , , body]) => [tbl, body]),
      );
      for (const [at, [, , ver]] of bare.entries()) expect(ver).toBeLessThan(rows[at]?.[2] ?? 0);
      await rig.db.query(`UPDATE published SET ver = ver # (1::bigint << ${bit})`);
    }
  });

  test('looked up again after that was over, members come as newer than their removal from the store', async () => {
    const rig = await open();
    const sequence = () => sequenceBatch(rig.db, { maxRows: 100, maxBytes: BATCH_MAX_BYTES });
    await rig.lot(await rig.member(1, { phone: '13800000001' }), 'old', 5);
    await rig.member(2, { phone: '+8613800000001' });
    await found(rig, 'phone', '13800000001');
    await sequence();
    rig.clockMs += (LOOKUPS_KEPT_HOURS + 1) * 3_600_000;
    expect(await expireVisits(rig.deps)).toBe(2);
    await sequence();
    const removals = await rig.db.query<{ key: string; tbl: string; ver: number }>(
      "SELECT tbl, key, ver FROM published WHERE scope = 'store-2' AND body IS NULL ORDER BY key, tbl",
    );
    const { rows } = await found(rig, 'phone', '13800000001');
    expect(rows.map(([tbl, key]) => ({ tbl, key }))).toEqual(
      removals.map(({ tbl, key }) => ({ tbl, key })),
    );
    for (const [at, [, , ver]] of rows.entries())
      expect(ver).toBeGreaterThan(removals[at]?.ver ?? Number.MAX_SAFE_INTEGER);
  });

  test('one member found is carried by the store from then on', async () => {
    const rig = await open();
    const member = await rig.member(1);
    await found(rig, 'member', member);
    await found(rig, 'member', member);
    expect(await rig.db.query('SELECT member_id, store_id, reason FROM member_scopes')).toEqual([
      { member_id: member, store_id: 'store-2', reason: 'visit' },
    ]);
    const rows = await rig.db.query("SELECT tbl, key FROM outbox WHERE scope = 'store-2'");
    expect(rows).toEqual([{ tbl: 'member', key: member }]);
  });

  test('a merged member is answered with whom they were merged into, and both are carried', async () => {
    const rig = await open();
    const living = await rig.member(2);
    await rig.lot(living, 'old', 5);
    const old = await rig.member(1, { status: 'merged', mergedInto: living as never });
    const { rows } = await found(rig, 'card', '620000000001');
    expect(rows.map(([table, key]) => [table, key])).toEqual([
      ['member', old],
      ['member', living],
      ['points', living],
    ]);
    expect(await rig.db.query('SELECT 1 FROM member_scopes')).toHaveLength(2);
  });

  test('several members are answered and carried as looked up, so that the erasure of each reaches the copies', async () => {
    const rig = await open();
    await rig.member(1, { phone: '13800000001' });
    const erased = await rig.member(2, { phone: '+8613800000001' });
    await rig.lot(erased, 'old', 5);
    expect((await found(rig, 'phone', '13800000001')).rows).toHaveLength(3);
    expect(
      await rig.db.query('SELECT member_id, store_id, reason FROM member_scopes ORDER BY 1'),
    ).toEqual([
      { member_id: 'm-1', store_id: 'store-2', reason: 'lookup' },
      { member_id: 'm-2', store_id: 'store-2', reason: 'lookup' },
    ]);
    await rig.db.query('DELETE FROM outbox');
    await rig.db.query('DELETE FROM point_accounts WHERE member_id = $1', [erased]);
    await rig.db.query('DELETE FROM members WHERE member_id = $1', [erased]);
    expect(await rig.db.query('SELECT scope, tbl, key, body FROM outbox ORDER BY id')).toEqual([
      { scope: 'store-2', tbl: 'points', key: erased, body: null },
      { scope: 'store-2', tbl: 'member', key: erased, body: null },
    ]);
  });

  test('one of several who is found by a key of theirs becomes a visitor, and a visitor stays one', async () => {
    const rig = await open();
    await rig.member(1, { phone: '13800000001' });
    await rig.member(2, { phone: '+8613800000001' });
    await found(rig, 'member', 'm-1');
    await found(rig, 'phone', '13800000001');
    const reasons = () => rig.db.query('SELECT reason FROM member_scopes ORDER BY member_id');
    expect(await reasons()).toEqual([{ reason: 'visit' }, { reason: 'lookup' }]);
    await found(rig, 'member', 'm-2');
    expect(await reasons()).toEqual([{ reason: 'visit' }, { reason: 'visit' }]);
  });

  test(`never more than ${LOOKUP_MAX} members are answered, and it is said that there are more`, async () => {
    const rig = await open();
    const phones = ['13800000001', '+13800000001', '8613800000001', '+8613800000001'];
    // Four accounts under forms of one phone, each at the end of a line of merges.
    for (const [i, phone] of phones.entries()) {
      const first = 10 * (i + 1);
      for (let step = 0; step < 3; step++)
        await rig.member(first + step, {
          phone: step === 0 ? phone : undefined,
          ...(step < 2 ? { status: 'merged', mergedInto: `m-${first + step + 1}` as never } : {}),
        });
    }
    const { rows, tooMany } = await found(rig, 'phone', '13800000001');
    expect(rows).toHaveLength(LOOKUP_MAX);
    expect(tooMany).toBe(true);
    // Whom the till holds, and nobody else.
    expect(await rig.db.query('SELECT member_id AS id FROM member_scopes ORDER BY 1')).toEqual(
      rows.map(([, id]) => ({ id })),
    );
  });

  test(`a till finds ${LOOKUP_CARRIES_MAX} a day whom its store does not carry, then one alarm is raised; others find on`, async () => {
    const rig = await open();
    for (const n of [1, 2, 3, 4, 5]) await rig.member(n);
    await found(rig, 'member', 'm-1');
    await rig.db.query('UPDATE lookup_carries SET carried = $1', [LOOKUP_CARRIES_MAX - 1]);
    await found(rig, 'member', 'm-2');
    for (const key of ['m-3', 'm-4']) expect(codeOf(await find(rig, 'member', key))).toBe('busy');
    expect(await rig.db.query('SELECT code, till_id FROM alarms')).toEqual([
      { code: 'lookups-many', till_id: 'till-1' },
    ]);
    expect(await rig.db.query('SELECT 1 FROM member_scopes')).toHaveLength(2);
    // Whom the store carries, and nobody, cost nothing.
    expect((await found(rig, 'member', 'm-2')).rows).toHaveLength(1);
    expect((await found(rig, 'member', 'm-99')).rows).toEqual([]);
    const other = rig.till('till-2', { storeId: 'store-2' }).caller;
    must(await rig.books.findMember(other, { by: 'member', value: 'm-3' }, undefined));
    rig.clockMs += 24 * 3_600_000;
    expect((await found(rig, 'member', 'm-4')).rows).toHaveLength(1);
  });

  test('nobody is an empty answer', async () => {
    const rig = await open();
    expect(await found(rig, 'card', '0000')).toEqual({ rows: [], tooMany: false });
  });

  test('only a till may ask', async () => {
    const rig = await open();
    const reply = await rig.books.findMember(admin, { by: 'member', value: 'm-1' }, undefined);
    expect(codeOf(reply)).toBe('forbidden');
  });

  test('is one transaction, begun again where another booking came in between', async () => {
    const db = await hq.fresh();
    let failures = 0;
    const rig = openBooks({
      ...db,
      query: () => Promise.reject(new Error('outside of the transaction')),
      transaction: (work) =>
        db.transaction(async (tx) => {
          const answer = await work(tx);
          if (failures++ === 0) throw databaseError('40P01', null, 'deadlock detected');
          return answer;
        }),
    });
    await openBooks(db).member(1);
    expect((await found(rig, 'member', 'm-1')).rows).toHaveLength(1);
    expect(failures).toBe(2);
    expect(await db.query('SELECT store_id FROM member_scopes')).toEqual([{ store_id: 'store-2' }]);
  });
});
