import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { MemberId } from '../../../../agent/contract/index.ts';
import { type SnapshotMerge, startMerge } from '../../../../agent/store/snapshot/merge-snapshot.ts';
import { openSnapshotBuild } from '../../../../agent/store/snapshot/snapshot-build.ts';
import { readNote } from '../../../../agent/store/snapshot/snapshot-note.ts';
import type { Store } from '../../../../agent/store/store.ts';
import type { MergeMode } from '../../../../sync/client/ports.ts';
import { accountRow, cursorAt, memberRow, staffRow } from '../../../support/fed-rows.ts';
import { commitSale } from '../../../support/ledger.ts';
import type { SnapshotSource } from '../../../support/segments.ts';
import { feedBuild, startOf, testSnapshot } from '../../../support/snapshots.ts';
import { openTestStore, type TestStore } from '../../../support/store.ts';

const PIN_HASH = '$argon2id$v=19$m=1024,t=1,p=1$c2FsdHNhbHQ$aGFzaA';
const M1 = 'm-1' as MemberId;

/** A till beside which a finished snapshot lies, of so many members or of these rows, and a way to begin its merge. */
function merging(
  till: TestStore,
  rows: number | SnapshotSource,
  timeline = 'timeline-1',
  tick = 1,
  store?: Pick<Store, 'sync' | 'transaction'>,
) {
  const key = till.keyStore.key ?? new Uint8Array();
  const source = typeof rows === 'number' ? testSnapshot(rows) : rows;
  const options = {
    dataDir: till.dataDir,
    key,
    nowMs: 1_000,
    storeId: 'store-1',
    fileId: randomBytes(8).toString('hex'),
  };
  const build = openSnapshotBuild(options, startOf(source, 100, timeline));
  feedBuild(build, source, 50);
  build.finish();
  build.close();
  let nowMs = 0;
  return (mode?: MergeMode): SnapshotMerge =>
    startMerge({
      mode,
      path: join(till.dataDir, readNote(till.dataDir) ?? ''),
      key,
      store: store ?? till.store,
      // Each slice seems to take as long.
      monoMs: () => (nowMs += tick),
    });
}

function run(merge: SnapshotMerge, slices = Number.POSITIVE_INFINITY): number[] {
  const rows: number[] = [];
  while (rows.length < slices) {
    const slice = merge.step(8);
    if (slice.done) break;
    rows.push(slice.rows);
  }
  merge.close();
  return rows;
}

describe('a snapshot that is merged into a running till', () => {
  test('brings what is missing, takes what is not there, leaves what is newer, and then moves the cursor', () => {
    const till = openTestStore();
    till.store.sync.apply(
      [
        memberRow(1, 2, { tier: 'old' }),
        memberRow(2, 999, { tier: 'newer' }),
        memberRow(800, 5),
        memberRow(801, 999),
        accountRow('m-800', 5, { gone: 10 }),
        ['setting', 'left-over', 3, '1'],
        ['member', 'm-3', 998, null],
      ],
      cursorAt(3),
    );
    commitSale(till.store, 1, M1);
    const merge = merging(till, 40)();
    let slices = 0;
    for (; !merge.step(8).done; slices++) expect(till.store.sync.cursor()).toEqual(cursorAt(3));
    merge.close();
    expect(slices).toBeGreaterThan(5);
    const { sync, members, points } = till.reopen();
    expect(sync.cursor()).toEqual(cursorAt(100));
    expect(members.byId(M1)?.tier).toBe('gold');
    expect(members.byId('m-2' as MemberId)?.tier).toBe('newer');
    expect(members.byId('m-3' as MemberId)).toBeUndefined();
    expect(members.byId('m-800' as MemberId)).toBeUndefined();
    expect(members.byId('m-801' as MemberId)).toBeDefined();
    expect(sync.fed('setting', 'left-over')).toBeUndefined();
    expect(points.balance('m-800' as MemberId)).toBe(0);
    expect(points.balance(M1)).toBe(1 + 90);
    expect(points.balance('m-40' as MemberId)).toBe(40);
  });

  test.each<MergeMode>(['newer', 'differing', 'adding'])(
    'changes nothing where the till is further in the feed, in mode %s',
    (mode) => {
      const till = openTestStore();
      till.store.sync.apply([memberRow(1, 2, { tier: 'old' }), memberRow(90, 3)], cursorAt(101));
      run(merging(till, 40)(mode));
      expect(till.store.sync.cursor()).toEqual(cursorAt(101));
      expect(till.store.members.count()).toBe(2);
      expect(till.store.members.byId(M1)?.tier).toBe('old');
    },
  );

  test('that only adds takes what differs and keeps what it does not have, except where headquarters was restored', () => {
    for (const timeline of [undefined, 'before']) {
      const till = openTestStore();
      till.store.sync.apply(
        [
          memberRow(1, 2, { tier: 'old' }),
          memberRow(2, 999, { tier: 'damaged' }),
          memberRow(800, 5),
        ],
        timeline === undefined ? cursorAt(3) : { ...cursorAt(3), timeline },
      );
      run(merging(till, 40)('adding'));
      const { sync, members } = till.store;
      expect(sync.cursor()).toEqual(cursorAt(100));
      expect(members.byId(M1)?.tier).toBe('gold');
      expect(members.byId('m-2' as MemberId)?.tier).toBe('gold');
      expect(members.byId('m-800' as MemberId) !== undefined).toBe(timeline === undefined);
    }
  });

  test('that was cut begins again and ends the same', () => {
    const till = openTestStore();
    const begin = merging(till, 60);
    run(begin(), 3);
    till.reopen();
    expect(till.store.sync.cursor()).toBeUndefined();
    run(begin());
    expect(till.store.members.count()).toBe(60);
    expect(till.store.sync.cursor()).toEqual(cursorAt(100));
  });

  test('at a till that was never fed leaves what a lookup brought since, and takes what another store left', () => {
    const till = openTestStore();
    till.store.sync.apply([memberRow(1, 999, { tier: 'newer' }), memberRow(801, 999)]);
    run(merging(till, 5)());
    expect(till.store.members.byId(M1)?.tier).toBe('newer');
    expect(till.store.members.byId('m-801' as MemberId)).toBeDefined();
    const moved = openTestStore();
    // Rows of a store that was left count as version 1.
    moved.store.sync.apply([memberRow(1, 1)]);
    run(merging(moved, { member: [] })());
    expect(moved.store.members.count()).toBe(0);
  });

  test('takes what is no newer than its newest row, in whichever segment that came', () => {
    const till = openTestStore();
    till.store.sync.apply([memberRow(801, 400), memberRow(802, 501)]);
    const rows = testSnapshot(60);
    const [first, ...others] = rows['member'] ?? [];
    const [key = '', , body = ''] = first ?? [];
    run(merging(till, { ...rows, member: [[key, 500, body], ...others] })());
    expect(till.store.members.byId('m-801' as MemberId)).toBeUndefined();
    expect(till.store.members.byId('m-802' as MemberId)).toBeDefined();
  });

  test('whose every slice the disk refuses once loses none of them', () => {
    const till = openTestStore();
    let refuses = false;
    const begin = merging(till, 60, 'timeline-1', 64, {
      sync: till.store.sync,
      transaction: (work) =>
        till.store.transaction(() => {
          const done = work();
          refuses = !refuses;
          if (refuses) throw new Error('full');
          return done;
        }),
    });
    const merge = begin();
    let refusals = 0;
    for (let done = false; !done; )
      try {
        done = merge.step(8).done;
      } catch {
        // The disk as this test has it; the merge goes on.
        refusals += 1;
      }
    merge.close();
    expect(refusals).toBeGreaterThan(8);
    expect(till.store.members.count()).toBe(60);
    expect(till.store.points.balance('m-60' as MemberId)).toBe(60);
    expect(till.store.articles.bySku('tea')).toBeDefined();
    expect(till.store.sync.cursor()).toEqual(cursorAt(100));
  });

  test('of another timeline takes every row that differs, even where the till’s version is higher', () => {
    const till = openTestStore();
    till.store.sync.apply(
      [memberRow(1, 999, { tier: 'lost' }), memberRow(800, 999)],
      cursorAt(3, 'timeline-0'),
    );
    run(merging(till, 5)());
    expect(till.store.members.byId(M1)?.tier).toBe('gold');
    expect(till.store.members.byId('m-800' as MemberId)).toBeUndefined();
  });

  test('tells of the rows that went, so that whoever is signed in or served by one hears of it', () => {
    const till = openTestStore();
    till.store.sync.apply([memberRow(800, 5), staffRow('s-gone', 5, PIN_HASH)], cursorAt(3));
    const merge = merging(till, 5)();
    const changed: string[] = [];
    for (let done = false; !done; ) {
      const slice = merge.step(8);
      changed.push(...slice.applied.changed.map(({ table, key }) => `${table}/${key}`));
      done = slice.done;
    }
    merge.close();
    expect(changed).toEqual(expect.arrayContaining(['member/m-800', 'staff/s-gone', 'member/m-1']));
  });

  test('goes in slices that follow the budget: fewer rows where they take longer', () => {
    const slow = openTestStore();
    const small = run(merging(slow, 60, 'timeline-1', 64)());
    const quick = openTestStore();
    const large = run(merging(quick, 60, 'timeline-1', 1)());
    expect(Math.min(...small.slice(0, 3))).toBeLessThan(10);
    expect(Math.max(...large)).toBeGreaterThanOrEqual(60);
    expect(slow.store.members.count()).toBe(60);
  });
});
