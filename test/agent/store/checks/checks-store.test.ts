import { describe, expect, test } from 'vitest';
import type { MemberId, StaffId } from '../../../../agent/contract/index.ts';
import { MIGRATIONS } from '../../../../agent/store/migrations.ts';
import { createRowDigester } from '../../../../agent/store/sync/row-digester.ts';
import { RECORDS_KEPT } from '../../../../sync/protocol/check.ts';
import type { FeedRow } from '../../../../sync/protocol/feed.ts';
import { checkDigests } from '../../../support/check-digests.ts';
import { checkRecord } from '../../../support/check-record.ts';
import { articleRow, cursorAt, memberRow } from '../../../support/fed-rows.ts';
import { testMember } from '../../../support/ledger.ts';
import { openTestStore } from '../../../support/store.ts';
import { allRows, digestOf, fedTill, HASH, KEY, M1, MEMBERS, scrub, sql } from './fed-till.ts';

test('a row’s digest at the till is that of the protocol', () => {
  const digester = createRowDigester(KEY);
  for (const row of [...allRows(), ['tag', '标签🏷', 7, 'é'] as FeedRow])
    expect(digester(...row)?.toString('hex')).toBe(digestOf(row));
  expect(digester('member', 'm-1', 3, null)).toBeNull();
});

describe('digests of rows that came before any were kept', () => {
  test('are made in slices, changes meanwhile included, and nothing is told of them before they are whole', () => {
    const { store, withSql } = openTestStore();
    const { sync } = store;
    sync.apply(allRows(), cursorAt(100));
    expect(sync.checks.make(5)).toEqual({ done: false, rows: 0 });
    sync.checks.setKey(KEY);
    expect(sync.checks.key()).toBe(KEY);
    let calls = 0;
    for (let done = false; !done; calls += 1) {
      expect(sync.checks.ready()).toBe(false);
      expect(sync.checks.roots()).toBeUndefined();
      if (calls === 2) {
        sync.apply([
          memberRow(1, 200, { tier: 'later' }),
          memberRow(MEMBERS, 201, { tier: 'later' }),
        ]);
        sync.apply([['member', 'm-5', 202, null]]);
      }
      done = sync.checks.make(3).done;
    }
    expect(calls).toBeGreaterThan(8);
    expect(sync.checks.ready()).toBe(true);
    expect(withSql(checkDigests)).toEqual([]);
    expect(sync.checks.roots()?.roots.find(({ table }) => table === 'member')?.rows).toBe(11);
  });

  test('are made anew under another key, and go on after a restart', () => {
    const till = fedTill();
    const before = till.store.sync.checks.roots();
    till.store.sync.checks.setKey(KEY);
    expect(till.store.sync.checks.roots()).toEqual(before);
    till.store.sync.checks.setKey('01'.repeat(32));
    till.store.sync.checks.make(4);
    const { checks } = till.reopen().sync;
    expect(checks.ready()).toBe(false);
    while (!checks.make(4).done);
    expect(till.withSql(checkDigests)).toEqual([]);
    expect(checks.roots()?.roots).not.toEqual(before?.roots);
  });

  test('are made at a till that comes from schema 29', () => {
    const till = fedTill();
    const roots = till.store.sync.checks.roots();
    const tables = [
      'fed_digests',
      'fed_roots',
      'fed_counts',
      'digest_state',
      'checks',
      'fed_repairs',
      'drift_stays',
    ];
    till.withSql((db) => {
      // As it was before the step.
      for (const trigger of ['member', 'row', 'key'])
        db.exec(`DROP TRIGGER drift_stays_go_with_${trigger}`);
      for (const table of tables) db.exec(`DROP TABLE ${table}`);
      const [step] = MIGRATIONS.filter(({ version }) => version === 30);
      db.exec(step?.sql ?? '');
    });
    const { checks } = till.reopen().sync;
    expect(checks.ready()).toBe(false);
    checks.setKey(KEY);
    while (!checks.make(7).done);
    expect(checks.roots()).toEqual(roots);
  });
});

describe('a table’s sum', () => {
  test('is counted again in slices while rows change before, behind and at its place', () => {
    const till = fedTill();
    const { sync } = till.store;
    for (const isWrong of [false, true]) {
      if (isWrong) till.withSql(sql(`UPDATE fed_roots SET rows = 3 WHERE tbl = 'member'`));
      let wasRight: boolean | undefined;
      for (let call = 0, done = false; !done; call++) {
        const result = sync.checks.recount('member', 3);
        [done, wasRight] = [result.done, result.wasRight];
        if (call === 1) {
          sync.apply([
            memberRow(1, 300 + call, { tier: `x${isWrong}` }),
            ['member', 'm-9', 310, null],
          ]);
          sync.apply([memberRow(10, 320, { tier: `x${isWrong}` })]);
        }
      }
      expect(wasRight).toBe(!isWrong);
      expect(till.withSql(checkDigests)).toEqual([]);
    }
    expect(sync.checks.recount('nothing', 3)).toEqual({ done: true, wasRight: true });
  });
});

describe('rows that are written here', () => {
  test('leave those of headquarters as they are, so that neither side drifts', () => {
    const till = fedTill();
    const { store } = till;
    store.members.upsert([testMember(1, { tier: 'mine' }), testMember(90, { tier: 'mine' })]);
    store.articles.upsert([{ ...JSON.parse(articleRow('tea', 1)[3] ?? ''), priceMinor: 1 }]);
    store.staff.upsert(
      { staffId: 's-1' as StaffId, name: 'x', role: 'manager', active: true },
      HASH,
    );
    expect(store.members.byId(M1)?.tier).toBe('gold');
    expect(store.members.byId('m-90' as MemberId)?.tier).toBe('mine');
    expect(store.articles.bySku('tea')?.priceMinor).toBe(990);
    expect(store.staff.byId('s-1' as StaffId)?.role).toBe('cashier');
    expect(till.withSql(checkDigests)).toEqual([]);
    expect(scrub(till)).toMatchObject({ suspects: 0, mended: 0 });
  });
});

describe('records of checks', () => {
  test('are kept up to a number, the newest first, and told the oldest first', () => {
    const till = openTestStore();
    const { checks } = till.store.sync;
    for (let n = 1; n <= RECORDS_KEPT + 2; n++) checks.record(checkRecord({ rows: n }));
    expect(checks.records(2).map(({ rows }) => rows)).toEqual([RECORDS_KEPT + 2, RECORDS_KEPT + 1]);
    expect(checks.records(1_000)).toHaveLength(RECORDS_KEPT);
    expect(checks.untold(2).map(({ rows }) => rows)).toEqual([3, 4]);
    checks.told(2);
    expect(
      till
        .reopen()
        .sync.checks.untold(1)
        .map(({ rows }) => rows),
    ).toEqual([5]);
  });
});
