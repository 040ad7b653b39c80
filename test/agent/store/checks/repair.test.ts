import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { MemberId } from '../../../../agent/contract/index.ts';
import { startMerge } from '../../../../agent/store/snapshot/merge-snapshot.ts';
import { openSnapshotBuild } from '../../../../agent/store/snapshot/snapshot-build.ts';
import { readNote } from '../../../../agent/store/snapshot/snapshot-note.ts';
import {
  AUDITED_ROWS_MAX,
  DRIFT_AUDIT_ACTION,
  driftAuditSchema,
  STAYING_MAX,
} from '../../../../sync/protocol/check.ts';
import type { FeedRow } from '../../../../sync/protocol/feed.ts';
import { checkDigests } from '../../../support/check-digests.ts';
import { articleRow, cursorAt, memberRow } from '../../../support/fed-rows.ts';
import { commitSale } from '../../../support/ledger.ts';
import { feedBuild, startOf, testSnapshot } from '../../../support/snapshots.ts';
import { allRows, digestOf, fedTill, flip, M1, scrub, seenOf, sql, walk } from './fed-till.ts';

describe('a repair', () => {
  test('names each row in the audit log in its own transaction, at most so many a row of it', () => {
    const rows = Array.from({ length: AUDITED_ROWS_MAX + 1 }, (_, i) =>
      articleRow(`a-${i}`, i + 1),
    );
    const till = fedTill(rows);
    till.withSql(sql('UPDATE articles SET ver = ver + 1'));
    scrub(till);
    till.clock.nowMs += 5;
    expect(walk(till, rows)).toHaveLength(rows.length);
    const [last, first] = till.store.audit
      .recent(9)
      .filter(({ action }) => action === DRIFT_AUDIT_ACTION)
      .map(({ detail }) => driftAuditSchema.parse(detail));
    expect([first?.rows.length, last?.rows.length]).toEqual([AUDITED_ROWS_MAX, 1]);
    expect(first).toMatchObject({ table: 'article', timeline: 'timeline-1', pos: 100 });
    expect(first?.rows[0]).toEqual(['a-0', 'damaged', 2, 1]);
    expect(till.store.sync.waiting().count).toBe(2);
    const { checks } = till.store.sync;
    expect(checks.repairedSince('article', till.clock.nowMs).size).toBe(rows.length);
    expect(checks.repairedSince('article', till.clock.nowMs + 1).size).toBe(0);
    expect(checks.repairedSince('member', 0).size).toBe(0);
  });

  test('leaves a row alone that changed since the question was asked', () => {
    const till = fedTill();
    const seen = seenOf(till, 'member');
    till.store.sync.apply([memberRow(3, 200, { tier: 'meanwhile' })]);
    const right = { key: 'm-3', ver: 13, body: memberRow(3, 13)[3] };
    const { checks } = till.store.sync;
    expect(checks.repair('member', [right], seen, cursorAt(100))).toEqual({
      repaired: [],
      left: 1,
    });
    expect(till.store.members.byId('m-3' as MemberId)?.tier).toBe('meanwhile');
  });

  test('never touches what came ahead of the feed, and learns what the feed had said of it', () => {
    const till = fedTill();
    const roots = till.store.sync.checks.roots();
    till.store.sync.applyAhead([
      memberRow(3, 200, { tier: 'ahead' }),
      memberRow(80, 201),
      ['member', 'm-4', 202, null],
    ]);
    expect(till.store.sync.checks.roots()).toEqual(roots);
    till.withSql(
      sql(
        `UPDATE fed_digests SET digest = zeroblob(16) WHERE tbl = 'member' AND key IN ('m-3', 'm-4')`,
      ),
    );
    expect(walk(till)).toEqual([]);
    expect(till.store.members.byId('m-3' as MemberId)?.tier).toBe('ahead');
    expect(till.store.members.byId('m-4' as MemberId)).toBeUndefined();
    expect(till.store.members.byId('m-80' as MemberId)).toBeDefined();
    expect(seenOf(till, 'member').get('m-3')).toBe(digestOf(memberRow(3, 13)));
  });

  test('of a row that this program cannot read keeps it aside, and takes it from there', () => {
    const rows = allRows();
    const strange: FeedRow = ['member', 'm-3', 60, '{"memberId":"m-3","shape":"later"}'];
    const till = fedTill(rows);
    const seen = seenOf(till, 'member');
    till.store.sync.checks.repair(
      'member',
      [{ key: 'm-3', ver: 60, body: strange[3] }],
      seen,
      cursorAt(100),
    );
    expect(till.withSql(checkDigests)).toEqual([]);
    expect(till.store.members.byId('m-3' as MemberId)).toBeDefined();
    expect(scrub(till)).toMatchObject({ suspects: 0, mended: 0 });
    expect(walk(till)).toEqual(['member/m-3 damaged']);
    expect(
      till.withSql((db) =>
        db.prepare('SELECT count(*) FROM feed_rows WHERE why IS NOT NULL').pluck().get(),
      ),
    ).toBe(0);
  });

  test('of an account keeps what sales here moved', () => {
    const till = fedTill();
    commitSale(till.store, 1, M1);
    till.withSql(
      sql(
        `UPDATE points_accounts SET body = replace(body, '"points":1,', '"points":8,') WHERE member_id = 'm-1'`,
      ),
    );
    scrub(till);
    expect(walk(till)).toEqual(['points/m-1 damaged']);
    expect(till.store.points.balance(M1)).toBe(1 + 90);
  });
});

describe('a copy after large drift', () => {
  test('puts right whatever differs, whichever version is higher, and leaves what came ahead', () => {
    const source = testSnapshot(20);
    const rows = Object.entries(source).flatMap(([table, some]) =>
      some.map(([key, ver, body]): FeedRow => [table, key, ver, body]),
    );
    const till = fedTill(rows);
    const roots = till.store.sync.checks.roots()?.roots;
    till.store.sync.applyAhead([memberRow(5, 900, { tier: 'ahead' }), memberRow(99, 901)]);
    till.withSql((db) => {
      db.exec(`UPDATE members SET ver = 9000 WHERE member_id = 'm-7'`);
      db.exec(`UPDATE members SET body = substr(body, 3) WHERE member_id = 'm-8'`);
      db.exec(`INSERT INTO articles SELECT 'x', NULL, 'x', 'x', body, 9000 FROM articles LIMIT 1`);
      db.exec(`DELETE FROM points_accounts WHERE member_id = 'm-9'`);
    });
    scrub(till);
    const key = till.keyStore.key ?? new Uint8Array();
    const fileId = randomBytes(8).toString('hex');
    const options = { dataDir: till.dataDir, key, nowMs: 1, storeId: 'store-1', fileId };
    const build = openSnapshotBuild(options, startOf(source));
    feedBuild(build, source, 50);
    build.finish();
    build.close();
    const path = join(till.dataDir, readNote(till.dataDir) ?? '');
    const merge = startMerge({ path, key, store: till.store, monoMs: () => 0, mode: 'differing' });
    while (!merge.step(8).done);
    merge.close();
    expect(till.store.sync.checks.roots()?.roots).toEqual(roots);
    const told = till.store.audit.recent(50).map(({ action, detail }) => {
      expect(action).toBe(DRIFT_AUDIT_ACTION);
      return driftAuditSchema.parse(detail);
    });
    const verOf = (table: string, of: string): number =>
      rows.find(([name, rowKey]) => name === table && rowKey === of)?.[2] ?? 0;
    expect(new Set(told.map(({ timeline, pos }) => `${timeline} ${pos}`))).toEqual(
      new Set(['timeline-1 100']),
    );
    expect(
      told.flatMap(({ table, rows: some }) => some.map((row) => [table, ...row])).sort(),
    ).toEqual([
      ['article', 'x', 'extra', 9000, 0],
      ['member', 'm-7', 'damaged', 9000, verOf('member', 'm-7')],
      ['member', 'm-8', 'damaged', verOf('member', 'm-8'), verOf('member', 'm-8')],
      ['points', 'm-9', 'missing', 0, verOf('points', 'm-9')],
    ]);
    expect(till.withSql(checkDigests)).toEqual([]);
    expect(till.store.members.byId('m-5' as MemberId)?.tier).toBe('ahead');
    expect(till.store.members.byId('m-99' as MemberId)).toBeDefined();
    expect(till.store.articles.bySku('x')).toBeUndefined();
    scrub(till);
    expect(scrub(till)).toMatchObject({ suspects: 0, mended: 0 });
  });
});

describe('both images of a row that differs again', () => {
  test('are kept up to a number, the last word on each, and go with the member', () => {
    const till = fedTill();
    const { checks } = till.store.sync;
    const keep = (table: string, key: string, atMs: number) =>
      checks.keepStaying({ table, key, atMs, there: { ver: 7, body: '{}' } });
    keep('member', 'm-1', 1);
    keep('member', 'm-1', 2);
    keep('points', 'm-1', 3);
    keep('member', 'm-2', 4);
    keep('member', 'nobody', 5);
    expect(checks.staying()).toHaveLength(4);
    expect(checks.staying()[0]).toEqual({
      table: 'member',
      key: 'm-1',
      atMs: 2,
      here: { ver: 11, body: memberRow(1, 11)[3] },
      there: { ver: 7, body: '{}' },
    });
    till.store.sync.apply([
      ['member', 'm-1', 200, null],
      ['member', 'nobody', 201, null],
    ]);
    expect(checks.staying().map(({ key }) => key)).toEqual(['m-2']);
    till.store.keys.forSubject('m-2' as MemberId);
    till.store.keys.erase('m-2' as MemberId);
    expect(checks.staying()).toEqual([]);
    for (let n = 0; n <= STAYING_MAX; n++) keep('article', `a-${n}`, n);
    expect(checks.staying()).toHaveLength(STAYING_MAX);
    expect(checks.stayingCount()).toBe(STAYING_MAX);
    expect(checks.staying()[0]?.key).toBe('a-1');
  });

  test('go when the row is put, by the feed, ahead of it or by a repair', () => {
    const till = fedTill();
    const { sync } = till.store;
    for (const n of [1, 2, 3, 4])
      sync.checks.keepStaying({ table: 'member', key: `m-${n}`, atMs: 1, there: null });
    sync.apply([memberRow(1, 200, { name: 'Erased' }), memberRow(2, 12)]);
    sync.applyAhead([memberRow(3, 201)]);
    till.withSql(sql(`UPDATE members SET body = ${flip('body')} WHERE member_id = 'm-4'`));
    expect(sync.checks.staying().map(({ key }) => key)).toEqual(['m-2', 'm-4']);
    scrub(till);
    sync.checks.repair(
      'member',
      [{ key: 'm-4', ver: 14, body: memberRow(4, 14)[3] }],
      seenOf(till, 'member'),
      cursorAt(100),
    );
    expect(sync.checks.staying().map(({ key }) => key)).toEqual(['m-2']);
    expect(sync.checks.stayingCount()).toBe(1);
  });
});
