import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  CHECKS_LIMITS,
  type ChecksLimits,
  createChecks,
} from '../../../../sync/hq/checks/create-checks.ts';
import { SCANS_AT_ONCE, TREE_KEPT_MS } from '../../../../sync/hq/checks/create-sums-cache.ts';
import {
  WALK_IDLE_MS,
  WALK_RETRY_MAX_SECONDS,
  WALK_RETRY_MIN_SECONDS,
  WALKS_AT_ONCE,
} from '../../../../sync/hq/checks/create-walk-slots.ts';
import type { HqDatabase } from '../../../../sync/hq/database/database.ts';
import { createFeedReader } from '../../../../sync/hq/feed/create-feed-reader.ts';
import { BATCH_MAX_BYTES, sequenceBatch } from '../../../../sync/hq/feed/sequence-batch.ts';
import type { CheckRequest, RowsReply } from '../../../../sync/protocol/check.ts';
import { FEED_TABLES } from '../../../../sync/protocol/feed.ts';
import { describeOnEngines, must } from '../../../support/hq-database.ts';
import { inBulk, putMember, putStaff } from '../feed/writers.ts';
import { ask, askNodes, callerOf, createModelTill, type ModelTill, pack, walk } from './walker.ts';

const MEMBERS = 300;

async function sequence(db: HqDatabase): Promise<void> {
  while (((await sequenceBatch(db, { maxRows: 500, maxBytes: BATCH_MAX_BYTES }))?.taken ?? 0) > 0);
}

/** A store with members, a till that holds them, and headquarters' answers. */
async function scene(db: HqDatabase, limits: ChecksLimits = CHECKS_LIMITS) {
  await db.query(
    `INSERT INTO members (member_id, body) SELECT '会员-' || n, '{"n":' || n || '}' FROM generate_series(1, ${MEMBERS}) n`,
  );
  await db.query(
    "INSERT INTO member_scopes SELECT member_id, 's1', 'visit', 0 FROM members WHERE member_id LIKE '会员-%'",
  );
  await sequence(db);
  const till = await createModelTill(db);
  await till.follow();
  let nowMs = 1_000_000;
  const checks = createChecks(
    { db, nowMs: () => nowMs, random: (bytes) => randomBytes(bytes) },
    limits,
  );
  return {
    till,
    checks,
    wait(ms: number) {
      nowMs += ms;
    },
  };
}

/** Puts what was answered into the till, as a repair does. */
function repair(till: ModelTill, table: string, { rows }: RowsReply): void {
  for (const [key, ver, body] of rows)
    if (body === null) till.table(table).delete(key);
    else till.table(table).set(key, { ver, body });
}

/** Lets every call wait until it is released, and counts how many run at once. */
function gated(db: HqDatabase, isGated: (sql: string) => boolean) {
  const gate = Promise.withResolvers<void>();
  let running = 0;
  let most = 0;
  const through: HqDatabase = {
    ...db,
    async query(sql, values) {
      if (!isGated(sql)) return db.query(sql, values);
      running++;
      most = Math.max(most, running);
      await gate.promise;
      try {
        return await db.query(sql, values);
      } finally {
        running--;
      }
    },
  };
  return { db: through, release: () => gate.resolve(), most: () => most, running: () => running };
}

const isScan = (sql: string) => sql.includes('GROUP BY bucket');

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

  test('cost a walk one scan, tills of a store together too, and another one once the rows changed', async () => {
    const real = await hq.fresh();
    let scans = 0;
    const db: HqDatabase = {
      ...real,
      query(sql, values) {
        if (isScan(sql)) scans++;
        return real.query(sql, values);
      },
    };
    const { till, checks, wait } = await scene(db);
    till.table('member').delete('会员-1');
    await Promise.all(['a', 'b', 'c'].map((id) => walk(checks, till, 'member', callerOf(id))));
    expect(scans).toBe(1);
    await putMember(db, 'fresh', ['s1']);
    await sequence(db);
    await walk(checks, till, 'member');
    expect(scans, 'the root is another one').toBe(2);
    wait(TREE_KEPT_MS);
    await askNodes(checks, callerOf(), till, 'member', 2, [0]);
    expect(scans, 'what was kept is too old').toBe(3);
  });

  test('verification storm after a rollout: a few tills walk, all others are told when to come, and pages go on', async () => {
    const real = await hq.fresh();
    const gate = gated(real, isScan);
    const { till } = await scene(real);
    let nowMs = 0;
    const checks = createChecks({ db: gate.db, nowMs: () => nowMs, random: (n) => randomBytes(n) });
    till.table('member').delete('会员-1');
    // Stores of their own, so that no scan is shared: their tills think they hold the rows of s1.
    const question = till.rootsQuestion();
    const waits: number[] = [];
    const answers = Array.from({ length: 1_000 }, async (_, i) => {
      const answer = await checks.answer(callerOf(`till-${i}`, `store-${i}`), question);
      if (answer.ok) return 'walks';
      waits.push(Number(answer.error.detail?.['retryAfterSeconds']));
      return answer.error.code;
    });
    await expect.poll(() => waits.length, { timeout: 30_000 }).toBe(1_000 - WALKS_AT_ONCE);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(WALK_RETRY_MIN_SECONDS);
    expect(Math.max(...waits)).toBeLessThan(WALK_RETRY_MAX_SECONDS);
    expect(new Set(waits).size, 'they do not come back together').toBeGreaterThan(20);
    await expect.poll(() => gate.running()).toBe(SCANS_AT_ONCE);
    // The feed, and tills that are clean, go on while scans hang.
    const page = await createFeedReader({ db: gate.db }).readPage({
      storeId: 's1',
      cursor: till.cursor(),
      protocol: 4,
      roots: 'all',
    });
    expect(must(page).roots).toHaveLength(FEED_TABLES.length);
    const clean = await createModelTill(real);
    await clean.follow();
    expect(await ask(checks, callerOf('clean'), clean.rootsQuestion())).toEqual({ differ: [] });
    gate.release();
    const said = await Promise.all(answers);
    expect(said.filter((code) => code === 'walks')).toHaveLength(WALKS_AT_ONCE);
    expect(said.filter((code) => code === 'busy')).toHaveLength(1_000 - WALKS_AT_ONCE);
    expect(gate.most()).toBe(SCANS_AT_ONCE);
    const late = callerOf('late', 'store-late');
    expect(await checks.answer(late, question), 'walks go on').toMatchObject({ ok: false });
    nowMs += WALK_IDLE_MS;
    expect(await checks.answer(late, question), 'they are over').toMatchObject({ ok: true });
  });

  test('answer a till one question at a time', async () => {
    const real = await hq.fresh();
    const gate = gated(real, isScan);
    const { till } = await scene(real);
    const checks = createChecks({ db: gate.db, nowMs: () => 0, random: (n) => randomBytes(n) });
    till.table('member').delete('会员-1');
    const first = checks.answer(callerOf(), till.rootsQuestion());
    await expect.poll(() => gate.running()).toBe(1);
    expect(await checks.answer(callerOf(), till.rootsQuestion())).toMatchObject({
      error: { code: 'busy' },
    });
    gate.release();
    expect((await first).ok).toBe(true);
    expect((await checks.answer(callerOf(), till.rootsQuestion())).ok).toBe(true);
  });
});
