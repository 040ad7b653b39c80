import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { MemberId } from '../../../../agent/contract/index.ts';
import { adoptSnapshot } from '../../../../agent/store/snapshot/adopt-snapshot.ts';
import { startMerge } from '../../../../agent/store/snapshot/merge-snapshot.ts';
import { openSnapshotBuild } from '../../../../agent/store/snapshot/snapshot-build.ts';
import { discardBuild, readNote } from '../../../../agent/store/snapshot/snapshot-note.ts';
import type { MergeMode, Registration } from '../../../../sync/client/ports.ts';
import type { FeedRow } from '../../../../sync/protocol/feed.ts';
import { checkDigests } from '../../../support/check-digests.ts';
import {
  accountRow,
  articleRow,
  cursorAt,
  memberRow,
  staffRow,
} from '../../../support/fed-rows.ts';
import { createFeedModel } from '../../../support/feed-model.ts';
import { testMember } from '../../../support/ledger.ts';
import { feedBuild, startOf } from '../../../support/snapshots.ts';
import { openTestStore, TEST_PLACE } from '../../../support/store.ts';

const HASH = '$argon2id$v=19$m=1024,t=1,p=1$c2FsdHNhbHQ$aGFzaA';
const TABLES = ['points', 'member', 'staff', 'document', 'store', 'setting', 'tag', 'article'];
const KEY = 'ab'.repeat(32);
const VERSIONS = `
  SELECT 'member/' || member_id, ver FROM members UNION ALL SELECT 'points/' || member_id, ver FROM points_accounts
  UNION ALL SELECT 'staff/' || staff_id, ver FROM staff UNION ALL SELECT 'article/' || sku, ver FROM articles
  UNION ALL SELECT 'setting/' || key, ver FROM feed_rows WHERE tbl = 'setting'`;

/** What a row of the kind says at its n-th change; some cannot be read, some tables nobody knows. */
const KINDS: readonly ((n: number, which: number) => FeedRow)[] = [
  (n, which) => memberRow(which, 1, { tier: `t${n}` }),
  (n, which) => accountRow(`m-${which}`, 1, { [`lot-${which}`]: n }),
  (n) => staffRow('s-1', 1, `${HASH}${n}`),
  (n, which) => articleRow(`a-${which}`, 1, n + 1),
  (n, which) => ['setting', `x-${which}`, 1, JSON.stringify({ n })],
  (n, which) => ['member', `m-${which}`, 1, `{"memberId":"m-${which}","later":${n}}`],
  (n, which) => ['article', `a-${which}`, 1, `unreadable ${n}`],
];

const change = fc.record({
  kind: fc.nat(KINDS.length - 1),
  which: fc.integer({ min: 1, max: 5 }),
  gone: fc.integer({ min: 0, max: 4 }),
});
const mode = fc.constantFrom<MergeMode>('newer', 'differing');
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      t: fc.constant('changes' as const),
      all: fc.array(change, { minLength: 1, maxLength: 6 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      t: fc.constant('page' as const),
      to: fc.nat(3),
      slice: fc.integer({ min: 1, max: 4 }),
      cut: fc.nat(5),
    }),
  },
  { weight: 3, arbitrary: fc.record({ t: fc.constant('express' as const), of: fc.nat(30) }) },
  { weight: 1, arbitrary: fc.record({ t: fc.constant('look-up' as const), of: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ t: fc.constant('again' as const), of: fc.nat(30) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      t: fc.constant('local' as const),
      which: fc.integer({ min: 1, max: 5 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      t: fc.constantFrom('reopen' as const, 'aside' as const, 'key' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      t: fc.constant('build' as const),
      late: fc.array(change, { maxLength: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ t: fc.constant('adopt' as const) }) },
  { weight: 2, arbitrary: fc.record({ t: fc.constant('merge' as const), mode, cut: fc.nat(12) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      t: fc.constantFrom('restore' as const, 'move' as const),
      mode,
      cut: fc.nat(12),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      t: fc.constant('make' as const),
      limit: fc.integer({ min: 1, max: 9 }),
    }),
  },
);

type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

/** A till, the feed that it follows, and the snapshot that lies beside it. */
function rig() {
  const till = openTestStore();
  let feed = createFeedModel();
  let changes = 0;
  let place = TEST_PLACE;
  /** Roots of the feed where the snapshot was begun. */
  let built: ReturnType<typeof feed.roots> | undefined;
  /** What the till's roots are while nothing was applied in part; `undefined` = somewhere between two places. */
  let right: ReturnType<typeof feed.roots> | undefined;
  let keyHex = KEY;
  let builtPos = 0;
  let builtTimeline = '';
  let isBuilt = false;
  /** Nothing but a whole copy says where the till stands: it is another headquarters' or store's. */
  let unsure = false;
  const key = () => Buffer.from(keyHex, 'hex');
  const sync = () => till.store.sync;

  function publish({ kind, which, gone }: { kind: number; which: number; gone: number }): void {
    changes += 1;
    const row = KINDS[kind]?.(changes, which);
    if (row === undefined) return;
    feed.publish(row[0], row[1], gone === 0 ? null : row[3]);
  }

  /** @param late changes between the snapshot's place in the feed and the moment in which its rows are read */
  function build(late: readonly { kind: number; which: number; gone: number }[] = []): void {
    const start = feed.head().pos;
    for (const one of late) publish(one);
    const source = feed.source(TABLES);
    const options = {
      dataDir: till.dataDir,
      key: till.keyStore.key ?? new Uint8Array(),
      nowMs: 1_000,
      storeId: place.store.storeId,
      fileId: randomBytes(8).toString('hex'),
      digestKey: keyHex,
    };
    discardBuild(till.dataDir);
    const building = openSnapshotBuild(options, startOf(source, start, feed.timeline));
    feedBuild(building, source, 3);
    expect(building.finish().ok).toBe(true);
    building.close();
    built = late.length === 0 ? feed.roots(key()) : undefined;
    builtPos = start;
    builtTimeline = feed.timeline;
    isBuilt = true;
  }

  /** @param cut slices after which the till is killed; the merge goes on from its beginning another time */
  function merge(mergeMode: MergeMode, cut: number): void {
    const file = readNote(till.dataDir);
    if (file === undefined || !isBuilt) return;
    const before = sync().cursor();
    const isBehind = before?.timeline === builtTimeline && before.pos > builtPos;
    const merging = startMerge({
      path: join(till.dataDir, file),
      key: till.keyStore.key ?? new Uint8Array(),
      store: till.store,
      monoMs: () => 0,
      mode: mergeMode,
    });
    const isClear =
      till.withSql((db) => db.prepare('SELECT stage FROM digest_state').pluck().get()) === 'clear';
    let done = false;
    for (let slices = 0; !done && slices < cut; slices++) done = merging.step(0.05).done;
    merging.close();
    if (isBehind) {
      expect([done, sync().cursor()]).toEqual([cut > 0, before]);
      return;
    }
    if (!done) till.reopen();
    if (done) unsure = isClear;
    right = done && !unsure ? built : undefined;
  }

  function page(last: number, slice: number, cut: number): void {
    const cursor = sync().cursor();
    if (cursor === undefined ? unsure : cursor.timeline !== feed.timeline) return;
    const from = cursor?.pos ?? 0;
    const to = last === 0 ? Math.ceil((from + feed.head().pos) / 2) : feed.head().pos;
    if (to < from) return;
    const rows = feed.page(from, to);
    right = undefined;
    const before = versions();
    for (let at = 0, n = 0; ; at += slice, n++) {
      if (cut > 0 && n >= cut) return void till.reopen();
      const isLast = at + slice >= rows.length;
      const end = cursorAt(to, feed.timeline);
      sync().apply(rows.slice(at, at + slice), isLast ? end : undefined);
      if (isLast) break;
    }
    // Undamaged, the till never holds of the feed what a later page is below.
    for (const [row, ver] of versions())
      expect(ver, row).toBeGreaterThanOrEqual(before.get(row) ?? 0);
    if (to === feed.head().pos && !unsure) right = feed.roots(key());
  }

  function versions(): ReadonlyMap<string, number> {
    const rows = till.withSql((db) => db.prepare(VERSIONS).raw().all()) as [string, number][];
    return new Map(rows);
  }

  function register(storeId: string): void {
    place = { ...place, store: { ...place.store, storeId: storeId as never } };
    const registration: Registration = {
      url: 'http://127.0.0.1:1',
      ca: null,
      place,
      privateKey: 'key',
      trustedKeys: [],
      registeredAtMs: 1,
    };
    sync().register(registration);
  }

  function keepUnderAnotherKey(): void {
    keyHex = keyHex === KEY ? 'cd'.repeat(32) : KEY;
    sync().checks.setKey(keyHex);
    built = undefined;
    isBuilt = false;
    right = undefined;
    unsure = true;
  }

  function take(drawn: Step): void {
    switch (drawn.t) {
      case 'changes':
        for (const one of drawn.all) publish(one);
        return;
      case 'page':
        return page(drawn.to, drawn.slice, drawn.cut);
      case 'express': {
        const rows = feed.page(0, feed.head().pos).slice(-1 - (drawn.of % 3));
        return void sync().applyAhead(rows);
      }
      case 'look-up':
        return void sync().applyAhead([memberRow(50 + drawn.of, 40 + drawn.of)]);
      case 'again': {
        // What the feed has said by now says nothing further, however late it comes.
        const cursor = sync().cursor();
        if (cursor === undefined || cursor.timeline !== feed.timeline || right === undefined)
          return;
        const known = feed.page(0, cursor.pos);
        const row = known[drawn.of % Math.max(1, known.length)];
        if (row !== undefined) sync().apply([row]);
        return;
      }
      case 'local':
        return till.store.members.upsert([
          testMember(drawn.which, { memberId: `m-${drawn.which}` as MemberId, tier: 'local' }),
        ]);
      case 'build':
        return build(drawn.late);
      case 'reopen':
        return void till.reopen();
      case 'aside':
        return void sync().readRefused({ table: '', key: '' }, 50);
      case 'key':
        // Another headquarters: what was fed under the key of the former one is made anew.
        return keepUnderAnotherKey();
      case 'adopt': {
        build();
        till.store.close();
        const fileKey = till.keyStore.key ?? new Uint8Array();
        expect(adoptSnapshot({ dataDir: till.dataDir, key: fileKey, nowMs: 2_000 }).ok).toBe(true);
        till.reopen();
        right = built;
        unsure = false;
        built = undefined;
        isBuilt = false;
        return;
      }
      case 'merge':
        return merge(drawn.mode, drawn.cut);
      case 'restore':
        feed = feed.restored(`timeline-${changes}x`);
        right = undefined;
        build();
        return merge(drawn.mode, drawn.cut + 6);
      case 'move':
        register('store-1');
        register(`store-${changes + 2}`);
        expect(sync().apply(feed.page(0, 9)).ignored).toBe(feed.page(0, 9).length);
        till.reopen();
        right = undefined;
        unsure = true;
        build();
        return merge(drawn.mode, drawn.cut + 6);
      case 'make':
        sync().checks.make(drawn.limit);
        return;
    }
  }

  return {
    till,
    take,
    check() {
      expect(till.withSql(checkDigests)).toEqual([]);
      const roots = sync().checks.roots();
      if (roots !== undefined && right !== undefined) expect(roots.roots).toEqual(right);
      return roots !== undefined && right !== undefined;
    },
  };
}

test('digests are right after every step, and roots are those of the feed wherever the till stands in it', {
  timeout: 90_000,
}, () => {
  let compared = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 30 }), (steps) => {
      const { till, take, check } = rig();
      till.store.sync.checks.setKey(KEY);
      while (!till.store.sync.checks.make(100).done);
      for (const one of steps) {
        take(one);
        if (check()) compared += 1;
      }
      till.store.close();
    }),
    { numRuns: 25 },
  );
  expect(compared).toBeGreaterThan(50);
});
