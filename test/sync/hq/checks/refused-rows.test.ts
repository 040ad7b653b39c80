import { expect, test } from 'vitest';
import { listDamaged, publishByHand } from '../../../../sync/hq/checks/rows-by-hand.ts';
import { startDigestPass } from '../../../../sync/hq/checks/start-digest-pass.ts';
import type { HqDatabase } from '../../../../sync/hq/database/database.ts';
import { createFeedReader } from '../../../../sync/hq/feed/create-feed-reader.ts';
import { createSnapshotReader } from '../../../../sync/hq/feed/create-snapshot-reader.ts';
import { PROTOCOL_VERSION } from '../../../../sync/protocol/version.ts';
import { describeOnEngines, must } from '../../../support/hq-database.ts';
import { atTheBeginning } from '../feed/follow.ts';
import { readSegment } from '../feed/read-snapshot.ts';
import { putMember, putTag } from '../feed/writers.ts';
import { expectDigestsRight } from './digest-model.ts';
import { handTimers } from './hand-timers.ts';
import { sequence } from './questions-scene.ts';

const DAMAGES = {
  body: `UPDATE published SET body = replace(body, '{"', '{"x') WHERE key = 'm-3'`,
  hash: "UPDATE published SET hash = translate(hash, '0123', '3210') WHERE key = 'm-3'",
  version: "UPDATE published SET ver = ver # 4096 WHERE key = 'm-3'",
};

/** What a page or a segment for the store tells of. */
function readersOf(db: HqDatabase, told: string[][]) {
  const onDamaged = (...row: string[]): void => void told.push(row);
  const reader = createFeedReader({ db, onDamaged });
  const snapshots = createSnapshotReader({ db, onDamaged });
  return {
    async page() {
      const cursor = await atTheBeginning(reader);
      must(await reader.readPage({ storeId: 's1', protocol: PROTOCOL_VERSION, cursor }));
    },
    segment: () => readSegment(snapshots, { storeId: 's1', table: 'member', after: '' }),
  };
}

describeOnEngines('a row that tills refuse', (hq) => {
  test.each(Object.entries(DAMAGES))(
    'is told when it is read for one, and right again after one look at it: damaged %s',
    async (_what, damage) => {
      const db = await hq.fresh();
      for (const n of [1, 2, 3, 4, 5]) await putMember(db, `m-${n}`, ['s1', 's2']);
      await putTag(db, 'a');
      await sequence(db);
      const told: string[][] = [];
      const read = readersOf(db, told);
      await read.page();
      await read.segment();
      expect(told).toEqual([]);
      await db.query(`${damage} AND scope = 's1'`);
      await read.page();
      await read.segment();
      expect(told).toEqual([
        ['s1', 'member', 'm-3'],
        ['s1', 'member', 'm-3'],
      ]);
      const { timers, fire } = handTimers();
      const pass = startDigestPass({ db, nowMs: () => 1_000_000, timers, log: () => {} });
      pass.lookAt('s1', 'member', 'm-3');
      pass.lookAt('s1', 'member', 'm-3');
      // Rows of every store, then rows of this one.
      await fire();
      await fire();
      await pass.stop();
      await sequence(db);
      await read.page();
      await read.segment();
      expect(told).toHaveLength(2);
      await expectDigestsRight(db);
    },
  );

  test('is found behind a thousand keys that lie between it and its own beginning', async () => {
    const db = await hq.fresh();
    for (let n = 1_000; n <= 2_000; n++) await putTag(db, String(n));
    await putTag(db, '21');
    for (let batch = 0; batch < 4; batch++) await sequence(db);
    await db.query(`UPDATE published SET body = replace(body, '{"', '{"x') WHERE key = '21'`);
    // Rows of every store, then rows of this one; the daily pass would find it too.
    await lookAt(db, '21', 'tag', 2);
    const waiting = await db.query("SELECT key FROM outbox WHERE key = '21'");
    expect(waiting).toHaveLength(1);
  });

  test('whose key is damaged leaves its place to the row that it was, and is told once a day', async () => {
    const db = await hq.fresh();
    for (const n of [1, 2, 3]) await putMember(db, `m-${n}`, ['s1']);
    await sequence(db);
    await db.query("UPDATE published SET key = 'm-7' WHERE key = 'm-3'");
    for (let asked = 0; asked < 5; asked++) await lookAt(db, 'm-7');
    await sequence(db);
    expect(await db.query("SELECT key FROM published WHERE key IN ('m-3', 'm-7')")).toHaveLength(2);
    const alarms = await db.query<{ detail: string }>(
      "SELECT detail FROM alarms WHERE code = 'hq-row-damaged' ORDER BY id",
    );
    expect(alarms.map(({ detail }) => detail)).toEqual([
      's1 member: 1 rows, 0 published anew',
      's1 member: 1 rows, 1 published anew',
    ]);
    expect(await listDamaged(db)).toEqual([{ scope: 's1', tbl: 'member', key: 'm-7' }]);
    const row = { scope: 's1', tbl: 'member', key: 'm-7' };
    expect(await db.transaction((tx) => publishByHand(tx, row))).toBe('removed');
    await expectAllRead(db);
  });

  test.each([
    ['two bits of its version, the lower ones', 'ver = ver # 3', 'm-3'],
    ['two bits of its version, the higher ones', 'ver = ver # (3::bigint << 40)', 'm-3'],
    ['its table', "tbl = 'membes'", 'm-3'],
  ])('that nothing proves is put right by a person: damaged %s', async (_what, damage, key) => {
    const db = await hq.fresh();
    for (const n of [1, 2, 3]) await putMember(db, `m-${n}`, ['s1']);
    await sequence(db);
    await db.query(`UPDATE published SET ${damage} WHERE scope = 's1' AND key = $1`, [key]);
    const [row, ...others] = await listDamaged(db);
    expect(others).toEqual([]);
    if (row === undefined) throw new Error('it is listed');
    const done = await db.transaction((tx) => publishByHand(tx, row));
    expect(done).toBe(row.tbl === 'member' ? 'published' : 'removed');
    await expectAllRead(db);
  });

  test('that nobody knows cannot be published', async () => {
    const db = await hq.fresh();
    for (const tbl of ['member', 'no-table']) {
      const row = { scope: 's1', tbl, key: 'm-1' };
      expect(await db.transaction((tx) => publishByHand(tx, row))).toBe('unknown');
    }
  });

  /** Tills read everything, digests are right once the next pass has looked, and every member is published. */
  async function expectAllRead(db: HqDatabase): Promise<void> {
    await sequence(db);
    await lookAt(db);
    await sequence(db);
    await lookAt(db);
    const told: string[][] = [];
    const read = readersOf(db, told);
    await read.page();
    await read.segment();
    expect([told, await listDamaged(db)]).toEqual([[], []]);
    expect(
      await db.query(
        "SELECT key FROM published WHERE tbl = 'member' AND scope = 's1' AND body IS NOT NULL",
      ),
    ).toHaveLength(3);
    await expectDigestsRight(db);
  }
});

/** Looks at a row, or at the whole table, as often as it takes. */
async function lookAt(db: HqDatabase, key?: string, table = 'member', steps = 6): Promise<void> {
  const { timers, fire } = handTimers();
  const pass = startDigestPass({ db, nowMs: () => 1_000_000, timers, log: () => {} });
  pass.lookAt('s1', table, key);
  for (let step = 0; step < steps; step++) await fire();
  await pass.stop();
}

test('a look that waits is not put off by the tills that go on asking', async () => {
  let [nowMs, steps, lastId] = [0, 0, 0];
  const set = new Map<number, { readonly atMs: number; readonly run: () => void }>();
  const timers = {
    set(delayMs: number, run: () => void) {
      lastId += 1;
      set.set(lastId, { atMs: nowMs + delayMs, run });
      return lastId;
    },
    clear: (id: unknown) => void set.delete(id as number),
  };
  const db = {
    async transaction() {
      steps += 1;
      return { place: null, waits: false, damagedRows: 0, publishedRows: 0 };
    },
  };
  const pass = startDigestPass({ db, nowMs: () => nowMs, timers, log: () => {} } as never);
  for (; nowMs < 2_000; nowMs += 50) {
    pass.lookAt('s1', 'document', 'rules');
    for (const [id, timer] of set) {
      if (timer.atMs > nowMs) continue;
      set.delete(id);
      timer.run();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  await pass.stop();
  expect(steps).toBeGreaterThan(5);
});
