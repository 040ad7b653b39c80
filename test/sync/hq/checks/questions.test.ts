import { expect, test } from 'vitest';
import { CHECKS_LIMITS } from '../../../../sync/hq/checks/create-checks.ts';
import { createFeedReader } from '../../../../sync/hq/feed/create-feed-reader.ts';
import { BATCH_MAX_BYTES, sequenceBatch } from '../../../../sync/hq/feed/sequence-batch.ts';
import type { CheckRequest, RowsReply } from '../../../../sync/protocol/check.ts';
import { describeOnEngines } from '../../../support/hq-database.ts';
import { inBulk, putMember, putStaff } from '../feed/writers.ts';
import { MEMBERS, scene, sequence } from './questions-scene.ts';
import { ask, callerOf, createModelTill, type ModelTill, pack, walk } from './walker.ts';

/** Puts what was answered into the till, as a repair does. */
function repair(till: ModelTill, table: string, { rows }: RowsReply): void {
  for (const [key, ver, body] of rows)
    if (body === null) till.table(table).delete(key);
    else till.table(table).set(key, { ver, body });
}

describeOnEngines('the questions of a full-volume check', (hq) => {
  test('answer a till that holds everything with nothing', async () => {
    const { till, checks } = await scene(await hq.fresh());
    expect(await ask(checks, callerOf(), till.rootsQuestion())).toEqual({ differ: [] });
  });

  test('count tables that a till does not name as empty, and tables that nobody knows too', async () => {
    const { checks } = await scene(await hq.fresh());
    const { differ } = await ask(checks, callerOf(), {
      t: 'roots',
      roots: [['未来', 3, Buffer.alloc(16, 1)]],
    });
    expect(differ.map(([table, rows]) => [table, rows])).toEqual([
      ['member', MEMBERS],
      ['未来', 0],
    ]);
  });

  test('name each missing, extra, stale and damaged row, and a till that takes the answer holds everything', async () => {
    const { till, checks } = await scene(await hq.fresh());
    const held = till.table('member');
    const right = new Map(held);
    const verOf = (key: string) => right.get(key)?.ver ?? 0;
    held.delete('会员-1');
    held.set('nobody', { ver: 9, body: '{}' });
    held.set('会员-2', { ver: verOf('会员-2') - 1, body: '{"n":"old"}' });
    held.set('会员-3', { ver: verOf('会员-3'), body: '{"n":4}' });
    // Equal and opposite: two rows with each other's bodies.
    held.set('会员-5', { ver: verOf('会员-5'), body: right.get('会员-6')?.body ?? '' });
    held.set('会员-6', { ver: verOf('会员-6'), body: right.get('会员-5')?.body ?? '' });
    const answer = await walk(checks, till, 'member');
    if (answer === null) throw new Error('the roots differ');
    expect(answer).toMatchObject({ later: 0, more: false });
    expect(new Map(answer.rows.map(([key, ver, body]) => [key, [ver, body]]))).toEqual(
      new Map([
        ...['会员-1', '会员-2', '会员-3', '会员-5', '会员-6'].map((key): [string, unknown] => [
          key,
          [verOf(key), right.get(key)?.body],
        ]),
        ['nobody', [0, null]],
      ]),
    );
    repair(till, 'member', answer);
    expect(held).toEqual(right);
    expect(await walk(checks, till, 'member')).toBeNull();
  });

  test('leave out and count what changed behind the till, and never call it drift', async () => {
    const db = await hq.fresh();
    const { till, checks } = await scene(db);
    till.table('member').delete('会员-7');
    await putMember(db, '会员-1', [], { n: 'new' });
    await putMember(db, 'fresh', ['s1']);
    await db.query("DELETE FROM member_scopes WHERE member_id = '会员-2'");
    await sequence(db);
    const answer = await walk(checks, till, 'member');
    expect(answer?.rows.map(([key]) => key)).toEqual(['会员-7']);
    expect(answer?.later).toBe(3);
  });

  test('say which version a removal had, where it is remembered', async () => {
    const db = await hq.fresh();
    const { till, checks } = await scene(db);
    const gone = till.table('member').get('会员-9');
    await db.query("DELETE FROM member_scopes WHERE member_id = '会员-9'");
    await sequence(db);
    await till.follow();
    if (gone !== undefined) till.table('member').set('会员-9', gone);
    const answer = await walk(checks, till, 'member');
    expect(answer?.rows).toEqual([['会员-9', expect.any(Number), null]]);
    expect(answer?.rows[0]?.[1]).toBeGreaterThan(gone?.ver ?? 0);
  });

  test('count staff once who stand in both scopes, the newer version', async () => {
    const db = await hq.fresh();
    const { till, checks } = await scene(db);
    await putStaff(db, 'li', null, { n: 1 });
    await putStaff(db, 'wang', null);
    await sequence(db);
    await inBulk(db, (tx) => putStaff(tx, 'li', ['s1'], { n: 2 }));
    await putStaff(db, 'li', ['s1'], { n: 3 });
    await sequenceBatch(db, { maxRows: 1, maxBytes: BATCH_MAX_BYTES });
    await till.follow();
    expect(await ask(checks, callerOf(), till.rootsQuestion())).toEqual({ differ: [] });
    till.table('staff').delete('li');
    const answer = await walk(checks, till, 'staff');
    expect(answer?.rows.map(([key, , body]) => [key, body])).toEqual([['li', '{"n":3}']]);
    if (answer !== null) repair(till, 'staff', answer);
    till.table('staff').delete('wang');
    const other = await walk(checks, till, 'staff');
    expect(
      other?.rows.map(([key]) => key),
      'the older version of li is no drift',
    ).toEqual(['wang']);
  });

  test('keep to the rows of the store that asks', async () => {
    const db = await hq.fresh();
    await putMember(db, 'elsewhere', ['s2']);
    const { till, checks } = await scene(db);
    till.table('member').set('elsewhere', { ver: 1, body: '{}' });
    const answer = await walk(checks, till, 'member');
    expect(answer?.rows).toEqual([['elsewhere', 0, null]]);
  });

  test('refuse a cursor as the feed does', async () => {
    const { till, checks } = await scene(await hq.fresh());
    const cursor = till.cursor();
    const none: Omit<Extract<CheckRequest, { t: 'rows' }>, 'cursor'> = {
      t: 'rows',
      table: 'member',
      buckets: pack([]),
      wanted: pack([]),
      own: [],
    };
    for (const wrong of [
      { timeline: 'another-one' },
      { chain: 'f'.repeat(64) },
      { pos: cursor.pos + 9 },
    ])
      expect(
        await checks.answer(callerOf(), { ...none, cursor: { ...cursor, ...wrong } }),
      ).toMatchObject({ error: { code: 'cursor-unknown' } });
    expect(await ask(checks, callerOf(), { ...none, cursor })).toEqual({
      rows: [],
      later: 0,
      more: false,
    });
  });

  test('A till that was away too long: its place is refused', async () => {
    const db = await hq.fresh();
    const { till, checks } = await scene(db);
    const cursor = till.cursor();
    await putMember(db, 'later', ['s1']);
    await sequence(db);
    await createFeedReader({ db }).purge({ keepMs: 0, nowMs: Number.MAX_SAFE_INTEGER });
    expect(
      await checks.answer(callerOf(), {
        t: 'rows',
        table: 'member',
        cursor,
        buckets: pack([]),
        wanted: pack([]),
        own: [],
      }),
    ).toMatchObject({ error: { code: 'cursor-too-old' } });
  });

  test('send as many bodies as fit, one at least, and say that there is more', async () => {
    const body = Buffer.byteLength('{"n":11}');
    const { till, checks } = await scene(await hq.fresh(), {
      ...CHECKS_LIMITS,
      rowBytes: 2 * body,
    });
    const keys = ['会员-11', '会员-12', '会员-13'];
    const question = {
      t: 'rows',
      table: 'member',
      cursor: till.cursor(),
      buckets: pack([]),
      wanted: pack([]),
    } as const;
    const two = await ask(checks, callerOf(), { ...question, own: keys });
    expect([two.rows.map(([key]) => key), two.more]).toEqual([keys.slice(0, 2), true]);
    const rest = await ask(checks, callerOf(), { ...question, own: keys.slice(2) });
    expect([rest.rows.map(([key]) => key), rest.more]).toEqual([keys.slice(2), false]);
    const small = await scene(await hq.fresh(), { ...CHECKS_LIMITS, rowBytes: 1 });
    const one = await ask(small.checks, callerOf(), {
      ...question,
      cursor: small.till.cursor(),
      own: keys,
    });
    expect([one.rows.length, one.more]).toEqual([1, true]);
  });

  test('list as many rows as one answer holds and refuse one more, so that the till fetches a copy', async () => {
    const nobody = await createModelTill(await hq.fresh());
    const all = Array.from({ length: 4_096 }, (_, node) => node);
    for (const [fewer, code] of [
      [0, 'ok'],
      [1, 'too-large'],
    ] as const) {
      const listedRows = (rows: number): number => {
        expect(rows).toBe(MEMBERS);
        return rows - fewer;
      };
      const { checks } = await scene(await hq.fresh(), { ...CHECKS_LIMITS, listedRows });
      const sums = nobody.level('member', 4);
      const question = { t: 'nodes', table: 'member', level: 4, parents: pack(all), sums } as const;
      const answer = await checks.answer(callerOf(), question);
      expect(answer.ok ? 'ok' : answer.error.code).toBe(code);
    }
  });

  test('refuse parts that do not fit each other, by name', async () => {
    const { till, checks } = await scene(await hq.fresh());
    const cursor = till.cursor();
    const none = Buffer.alloc(0);
    const row = Buffer.alloc(128);
    const wrong: readonly (readonly [CheckRequest, string])[] = [
      [{ t: 'nodes', table: 'member', level: 2, parents: pack([16]), sums: row }, 'parents'],
      [
        { t: 'nodes', table: 'member', level: 2, parents: pack([3, 3]), sums: Buffer.alloc(256) },
        'parents',
      ],
      [{ t: 'nodes', table: 'member', level: 4, parents: Buffer.alloc(3), sums: none }, 'parents'],
      [{ t: 'nodes', table: 'member', level: 4, parents: pack([4_096]), sums: row }, 'parents'],
      [
        { t: 'nodes', table: 'member', level: 2, parents: pack([3]), sums: Buffer.alloc(127) },
        'sums',
      ],
      [
        { t: 'rows', table: 'member', cursor, buckets: pack([2, 1]), wanted: none, own: [] },
        'buckets',
      ],
      [
        { t: 'rows', table: 'member', cursor, buckets: none, wanted: Buffer.alloc(7), own: [] },
        'wanted',
      ],
    ];
    for (const [question, field] of wrong)
      expect([field, await checks.answer(callerOf(), question)]).toMatchObject([
        field,
        { error: { code: 'invalid-input', field } },
      ]);
    const odd = await ask(checks, callerOf(), {
      t: 'rows',
      table: 'member',
      cursor,
      buckets: none,
      wanted: none,
      own: ['a\0b', "x' OR true --"],
    });
    expect(odd.rows.toSorted()).toEqual([
      ['a\0b', 0, null],
      ["x' OR true --", 0, null],
    ]);
  });
});
