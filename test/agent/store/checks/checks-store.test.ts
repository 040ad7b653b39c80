import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import type { MemberId, StaffId } from '../../../../agent/contract/index.ts';
import { AHEAD_MAX_MS } from '../../../../agent/store/checks/scrub.ts';
import { MIGRATIONS } from '../../../../agent/store/migrations.ts';
import { startMerge } from '../../../../agent/store/snapshot/merge-snapshot.ts';
import { openSnapshotBuild } from '../../../../agent/store/snapshot/snapshot-build.ts';
import { readNote } from '../../../../agent/store/snapshot/snapshot-note.ts';
import { createRowDigester } from '../../../../agent/store/sync/row-digester.ts';
import type { RowPlace } from '../../../../sync/client/ports.ts';
import {
  AUDITED_ROWS_MAX,
  type CheckRecord,
  DRIFT_AUDIT_ACTION,
  driftAuditSchema,
  RECORDS_KEPT,
  STAYING_MAX,
} from '../../../../sync/protocol/check.ts';
import { rowDigest } from '../../../../sync/protocol/digest.ts';
import type { FeedRow } from '../../../../sync/protocol/feed.ts';
import { rowHash } from '../../../../sync/protocol/feed-hash.ts';
import { checkDigests } from '../../../support/check-digests.ts';
import {
  accountRow,
  articleRow,
  cursorAt,
  memberRow,
  staffRow,
  storeRow,
} from '../../../support/fed-rows.ts';
import { commitSale, testMember } from '../../../support/ledger.ts';
import { feedBuild, startOf, testSnapshot } from '../../../support/snapshots.ts';
import { openTestStore, type TestStore } from '../../../support/store.ts';

const HASH = '$argon2id$v=19$m=1024,t=1,p=1$c2FsdHNhbHQ$aGFzaA';
const KEY = '5a'.repeat(32);
const M1 = 'm-1' as MemberId;
const MEMBERS = 12;

/** Everything of a small chain, as the feed tells it. */
function allRows(): FeedRow[] {
  const ids = Array.from({ length: MEMBERS }, (_, i) => i + 1);
  return [
    ...ids.map((n) => memberRow(n, 10 + n)),
    ...ids.map((n) => accountRow(`m-${n}`, 30 + n, { [`lot-hq-${n}`]: n })),
    staffRow('s-1', 51, HASH),
    articleRow('tea', 52),
    articleRow('milk', 53),
    storeRow(54),
    ['setting', 'join', 55, '{"tier":"new"}'],
  ];
}

/** A till that was fed everything, its digests made. */
function fedTill(rows = allRows()): TestStore {
  const till = openTestStore();
  till.store.sync.checks.setKey(KEY);
  while (!till.store.sync.checks.make(50).done);
  till.store.sync.apply(rows, cursorAt(100));
  return till;
}

/** A whole pass in slices of `limit` rows. */
function scrub({ store }: TestStore, limit = 5) {
  let place: RowPlace | null = null;
  const sum = { suspects: 0, mended: 0, rows: 0 };
  do {
    const slice = store.sync.checks.scrub(place, limit);
    sum.suspects += slice.suspects;
    sum.mended += slice.mended;
    sum.rows += slice.rows;
    place = slice.next;
  } while (place !== null);
  return sum;
}

const digestOf = ([table, key, ver, body]: FeedRow): string =>
  rowDigest(Buffer.from(KEY, 'hex'), rowHash([table, key, ver, body])).toString('hex');

/** What the till would say of its rows in a walk. */
function seenOf({ store }: TestStore, table: string): Map<string, string> {
  const seen = store.sync.checks.digests(table, '', 1_000);
  return new Map(seen.map(({ key, digest }) => [key, Buffer.from(digest).toString('hex')]));
}

/** What a walk would do: whatever the till's digests say otherwise than headquarters' rows is put right. */
function walk(till: TestStore, rows = allRows()): string[] {
  const { checks } = till.store.sync;
  const repaired: string[] = [];
  for (const table of new Set(rows.map(([name]) => name))) {
    const seen = seenOf(till, table);
    const right = new Map(rows.filter(([name]) => name === table).map((row) => [row[1], row]));
    const differ = [...new Set([...seen.keys(), ...right.keys()])].filter((key) => {
      const row = right.get(key);
      return seen.get(key) !== (row && digestOf(row));
    });
    const asked = differ.map((key) => {
      const row = right.get(key);
      return { key, ver: row?.[2] ?? 0, body: row?.[3] ?? null };
    });
    const done = checks.repair(table, asked, seen, cursorAt(100));
    expect(done.left).toBe(0);
    repaired.push(...done.repaired.map(({ key, kind }) => `${table}/${key} ${kind}`));
  }
  return repaired.sort();
}

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

type Damage = (db: Database.Database) => unknown;
const sql =
  (text: string): Damage =>
  (db) =>
    db.exec(text);
const swap = `
  CREATE TEMP TABLE two AS SELECT member_id, body, ver FROM members WHERE member_id IN ('m-3', 'm-4');
  UPDATE members SET body = (SELECT body FROM two WHERE two.member_id <> members.member_id)
  WHERE member_id IN ('m-3', 'm-4')`;
const flip = (of: string): string => `CAST(replace(${of}, 'gold', 'gole') AS TEXT)`;

describe('the deep scrub', () => {
  test.each<[string, Damage, string[]]>([
    [
      'one bit of a body',
      sql(`UPDATE members SET body = ${flip('body')} WHERE member_id = 'm-3'`),
      ['member/m-3 damaged'],
    ],
    [
      'a body that is no JSON any more',
      sql(`UPDATE members SET body = substr(body, 2) WHERE member_id = 'm-3'`),
      ['member/m-3 damaged'],
    ],
    [
      'a version that is too high',
      sql(`UPDATE members SET ver = 9999 WHERE member_id = 'm-3'`),
      ['member/m-3 damaged'],
    ],
    [
      'a version that is too low',
      sql(`UPDATE articles SET ver = 2 WHERE sku = 'tea'`),
      ['article/tea stale'],
    ],
    [
      'a row that is gone',
      sql(`DELETE FROM members WHERE member_id = 'm-3'`),
      ['member/m-3 missing'],
    ],
    ['the last row of a table that is gone', sql(`DELETE FROM staff`), ['staff/s-1 missing']],
    [
      'a row that nobody fed',
      sql(`INSERT INTO articles SELECT 'x', NULL, 'x', 'x', body, 9 FROM articles LIMIT 1`),
      ['article/x extra'],
    ],
    ['two payloads swapped', sql(swap), ['member/m-3 damaged', 'member/m-4 damaged']],
    [
      'equal and opposite changes',
      sql(
        `UPDATE feed_rows SET ver = ver + 1 WHERE tbl = 'setting'; UPDATE feed_rows SET ver = ver - 1 WHERE tbl = 'store'`,
      ),
      ['setting/join damaged', 'store/store-1 stale'],
    ],
    [
      'a row that says it was written here',
      sql(`UPDATE members SET ver = 0 WHERE member_id = 'm-3'`),
      ['member/m-3 missing'],
    ],
  ])('finds %s, and the repair puts it right', (_name, damage, expected) => {
    const till = fedTill();
    const roots = till.store.sync.checks.roots();
    till.withSql(damage);
    expect(till.store.sync.checks.roots()).toEqual(roots);
    expect(scrub(till).suspects).toBe(expected.length);
    expect(till.store.sync.checks.roots()).not.toEqual(roots);
    expect(walk(till)).toEqual(expected);
    expect(till.store.sync.checks.roots()).toEqual(roots);
    scrub(till);
    expect(scrub(till)).toEqual({ suspects: 0, mended: 0, rows: allRows().length });
    expect(till.withSql(checkDigests)).toEqual([]);
    expect(till.store.members.byCard(testMember(3).cards[0] ?? '')?.memberId).toBe('m-3');
    expect(till.store.members.count()).toBe(MEMBERS);
  });

  test.each<[string, Damage, number]>([
    [
      'a digest',
      sql(`UPDATE fed_digests SET digest = zeroblob(16) WHERE key = 'm-3' AND tbl = 'member'`),
      1,
    ],
    [
      'a digest that is gone',
      sql(`DELETE FROM fed_digests WHERE key = 'm-12' AND tbl = 'points'`),
      1,
    ],
    [
      'a digest of nothing',
      sql(
        `INSERT INTO fed_digests VALUES ('member', 'm-99', zeroblob(16), NULL, NULL), ('unknown', 'a', zeroblob(16), NULL, NULL)`,
      ),
      2,
    ],
    ['a root', sql(`UPDATE fed_roots SET sum = zeroblob(16) WHERE tbl = 'article'`), 0],
    ['a root that is gone', sql(`DELETE FROM fed_roots WHERE tbl = 'points'`), 0],
    ['a root of nothing', sql(`INSERT INTO fed_roots VALUES ('unknown', 3, zeroblob(16))`), 0],
  ])('puts %s right by itself', (_name, damage, suspects) => {
    const till = fedTill();
    const roots = till.store.sync.checks.roots();
    till.withSql(damage);
    const found = scrub(till);
    expect(found.suspects).toBe(suspects);
    expect(found.mended).toBeGreaterThan(0);
    expect(till.store.sync.checks.roots()).toEqual(roots);
    expect(till.withSql(checkDigests)).toEqual([]);
  });

  test.each<[string, Damage, (till: TestStore) => unknown, unknown]>([
    [
      'the GSRN',
      sql(`UPDATE members SET gsrn = '1' WHERE member_id = 'm-3'`),
      ({ store }) => store.members.byGsrn(testMember(3).gsrn ?? '')?.memberId,
      'm-3',
    ],
    [
      'the phone',
      sql(`UPDATE members SET phone_reversed = NULL WHERE member_id = 'm-3'`),
      ({ store }) => store.members.byPhoneSuffix(testMember(3).phone ?? '', 5).length,
      1,
    ],
    [
      'a card that is gone',
      sql(`DELETE FROM member_cards WHERE member_no = 3`),
      ({ store }) => store.members.byCard(testMember(3).cards[0] ?? '')?.memberId,
      'm-3',
    ],
    [
      'a card that leads to another',
      sql(`UPDATE member_cards SET member_no = 4 WHERE member_no = 3`),
      ({ store }) => store.members.byCard(testMember(3).cards[0] ?? '')?.memberId,
      'm-3',
    ],
    [
      'a card that nobody has',
      sql(`INSERT INTO member_cards VALUES ('9999', 3)`),
      ({ store }) => store.members.byCard('9999'),
      undefined,
    ],
    [
      'the GTIN',
      sql(`UPDATE articles SET gtin14 = '00000000000017' WHERE sku = 'tea'`),
      ({ store }) => store.articles.byGtin('17'),
      undefined,
    ],
    [
      'the name',
      sql(`UPDATE articles SET name_en = 'x' WHERE sku = 'tea'`),
      ({ store }) => store.articles.search('Tea', 5).length,
      2,
    ],
    [
      'whether somebody may work',
      sql(`UPDATE staff SET active = 0`),
      ({ store }) => store.staff.byId('s-1' as StaffId)?.active,
      true,
    ],
    [
      'the points of a lot',
      sql(`UPDATE points_lots SET points = 700 WHERE member_id = 'm-3'`),
      ({ store }) => store.points.balance('m-3' as MemberId),
      3,
    ],
    [
      'a lot that is gone',
      sql(`DELETE FROM points_lots WHERE member_id = 'm-3'`),
      ({ store }) => store.points.balance('m-3' as MemberId),
      3,
    ],
    [
      'a lot that nobody gave',
      sql(`UPDATE points_lots SET lot_id = 'forged' WHERE member_id = 'm-3'`),
      ({ store }) => store.points.lots('m-3' as MemberId)[0]?.lotId,
      'lot-hq-3',
    ],
  ])('puts what a row is found by right from its body: %s', (_name, damage, look, expected) => {
    const till = fedTill();
    till.withSql(damage);
    const { suspects, mended } = scrub(till);
    expect([suspects, mended]).toEqual([0, 1]);
    expect(look(till)).toEqual(expected);
    expect(scrub(till).mended).toBe(0);
  });

  test('leaves alone what sales here moved, a card that two members have, and rows of this till alone', () => {
    const till = fedTill();
    commitSale(till.store, 1, M1);
    const shared = testMember(2).cards;
    till.store.sync.apply([memberRow(7, 101, { cards: [...testMember(7).cards, ...shared] })]);
    till.store.members.upsert([testMember(70, { memberId: 'join-1' as MemberId })]);
    const balance = till.store.points.balance(M1);
    expect(balance).toBe(1 + 90);
    for (const limit of [1, 3, 100])
      expect(scrub(till, limit)).toMatchObject({ suspects: 0, mended: 0 });
    expect(till.store.points.balance(M1)).toBe(balance);
    expect(till.store.members.byCard(shared[0] ?? '')?.memberId).toBe('m-7');
  });

  test('compares what came ahead of the feed with what it was when it came', () => {
    const till = fedTill();
    till.store.sync.applyAhead([memberRow(3, 200, { tier: 'ahead' }), memberRow(80, 201)]);
    expect(scrub(till).suspects).toBe(0);
    till.withSql(
      sql(`UPDATE members SET body = replace(body, 'ahead', 'bhead') WHERE member_id = 'm-3'`),
    );
    expect(scrub(till).suspects).toBe(1);
    // Nobody can tell any more that it came ahead: headquarters is asked like for any other.
    expect(walk(till)).toEqual(['member/m-3 damaged']);
  });

  test('goes on elsewhere after a restart, and a root is then summed by the next pass', () => {
    const till = fedTill();
    const { checks } = till.store.sync;
    const first = checks.scrub(null, 1);
    checks.keepScrubPlace({ place: first.next ?? { table: '', key: '' }, sinceMs: 7 });
    const kept = till.reopen().sync.checks;
    expect(kept.scrubPlace()).toEqual({ place: first.next, sinceMs: 7 });
    let next = kept.scrub(kept.scrubPlace()?.place ?? null, 4).next;
    while (next !== null) next = kept.scrub(next, 4).next;
    kept.keepScrubPlace(null);
    expect(kept.scrubPlace()).toBeNull();
    expect(till.withSql(checkDigests)).toEqual([]);
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

describe('a version that was damaged to a higher one', () => {
  const raise = (table: string, key: string): Damage =>
    sql(`UPDATE ${table} SET ver = ver + 1073741824 WHERE ${key}`);

  test.each([
    ['at once', false],
    ['after a scrub that no walk followed', true],
  ])('hides neither a change nor a removal of the feed: %s', (_name, scrubbed) => {
    const till = fedTill();
    const { sync, members } = till.store;
    till.withSql(raise('members', `member_id IN ('m-3', 'm-4')`));
    till.withSql(raise('articles', `sku = 'tea'`));
    if (scrubbed) expect(scrub(till).suspects).toBe(3);
    const rows: FeedRow[] = [
      memberRow(3, 120, { status: 'blocked' }),
      ['member', 'm-4', 121, null],
      articleRow('tea', 122, 5),
    ];
    expect(sync.apply(rows, cursorAt(130)).changed).toHaveLength(3);
    expect(members.byId('m-3' as MemberId)?.status).toBe('blocked');
    expect(members.byId('m-4' as MemberId)).toBeUndefined();
    expect(members.byCard(testMember(4).cards[0] ?? '')).toBeUndefined();
    expect(till.store.articles.bySku('tea')?.priceMinor).toBe(5);
    expect(till.withSql(checkDigests)).toEqual([]);
    expect(scrub(till)).toMatchObject({ suspects: 0, mended: 0 });
    sync.apply([['member', 'm-3', 131, null]], cursorAt(131));
    expect(members.byId('m-3' as MemberId)).toBeUndefined();
    expect(till.withSql((db) => db.prepare('SELECT max(ver) FROM members').pluck().get())).toBe(22);
  });

  test('of a row that came ahead, and of staff whom two scopes of the feed may have, is not taken for one', () => {
    const till = fedTill();
    const { sync } = till.store;
    sync.applyAhead([memberRow(3, 200, { tier: 'ahead' })]);
    expect(sync.apply([memberRow(3, 150), staffRow('s-1', 50, `${HASH}2`)]).ignored).toBe(2);
    expect(till.store.members.byId('m-3' as MemberId)?.tier).toBe('ahead');
    expect(till.store.staff.byId('s-1' as StaffId)?.pinHash).toBe(HASH);
  });

  test('of a removal is found after a day in which the feed did not catch up with it', () => {
    const till = fedTill();
    const { sync, members } = till.store;
    sync.apply([['member', 'm-3', 101, null]], cursorAt(101));
    till.withSql(raise('tombstones', `key = 'm-3'`));
    const back = memberRow(3, 102, { tier: 'again' });
    expect(sync.apply([back], cursorAt(102)).ignored).toBe(1);
    till.clock.nowMs += AHEAD_MAX_MS - 1;
    expect(scrub(till).suspects).toBe(0);
    till.clock.nowMs += 1;
    expect(scrub(till).suspects).toBe(1);
    const rows = allRows().map((row) => (row[0] === 'member' && row[1] === 'm-3' ? back : row));
    expect(walk(till, rows)).toEqual(['member/m-3 missing']);
    expect(members.byId('m-3' as MemberId)?.tier).toBe('again');
    expect(scrub(till)).toMatchObject({ suspects: 0, mended: 0 });
    sync.apply([memberRow(3, 103, { tier: 'gold' })], cursorAt(103));
    expect(members.byId('m-3' as MemberId)?.tier).toBe('gold');
  });
});

describe('a row that came ahead of the feed and for long was not caught up with', () => {
  test.each([
    ['later by the clock', AHEAD_MAX_MS],
    ['and a clock that went back', -1],
  ])('is asked for, and the feed that brings it finds all right: %s', (_name, laterMs) => {
    const till = fedTill();
    const ahead = memberRow(3, 200, { tier: 'ahead' });
    till.store.sync.applyAhead([ahead, articleRow('new', 201)]);
    expect(scrub(till).suspects).toBe(0);
    till.clock.nowMs += laterMs;
    expect(scrub(till).suspects).toBe(2);
    expect(scrub(till).suspects).toBe(0);
    till.store.sync.apply([ahead, articleRow('new', 201)], cursorAt(201));
    expect(till.withSql(checkDigests)).toEqual([]);
    expect(till.store.members.byId('m-3' as MemberId)?.tier).toBe('ahead');
    expect(scrub(till).suspects).toBe(0);
  });

  test('counts from the last one that came', () => {
    const till = fedTill();
    till.store.sync.applyAhead([memberRow(3, 200, { tier: 'ahead' })]);
    till.clock.nowMs += AHEAD_MAX_MS - 1;
    till.store.sync.applyAhead([memberRow(3, 210, { tier: 'later' })]);
    till.clock.nowMs += AHEAD_MAX_MS - 1;
    till.store.sync.apply([memberRow(3, 205)]);
    expect(scrub(till).suspects).toBe(0);
    till.clock.nowMs += 1;
    expect(scrub(till).suspects).toBe(1);
  });

  test('stays where it was looked up, of which this store is never fed anything', () => {
    const till = fedTill();
    till.store.sync.applyAhead([memberRow(80, 200), accountRow('m-80', 201, { a: 5 })]);
    till.clock.nowMs += 9 * AHEAD_MAX_MS;
    expect(scrub(till).suspects).toBe(0);
    expect(walk(till)).toEqual([]);
    expect(till.store.members.byId('m-80' as MemberId)).toBeDefined();
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

describe('records of checks', () => {
  const record = (n: number): CheckRecord => ({
    kind: 'walk',
    why: 'daily',
    startedAt: '2026-11-21T08:30:00.000Z',
    endedAt: '2026-11-21T08:30:01.000Z',
    outcome: 'clean',
    rows: n,
    missing: 0,
    extra: 0,
    stale: 0,
    damaged: 0,
    mended: 0,
    repaired: 0,
    bytes: 0,
    roundTrips: 1,
    failure: null,
  });

  test('are kept up to a number, the newest first, and told the oldest first', () => {
    const till = openTestStore();
    const { checks } = till.store.sync;
    for (let n = 1; n <= RECORDS_KEPT + 2; n++) checks.record(record(n));
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
