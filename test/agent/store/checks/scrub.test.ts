import { describe, expect, test } from 'vitest';
import type { MemberId, StaffId } from '../../../../agent/contract/index.ts';
import { AHEAD_MAX_MS } from '../../../../agent/store/checks/scrub.ts';
import type { FeedRow } from '../../../../sync/protocol/feed.ts';
import { checkDigests } from '../../../support/check-digests.ts';
import {
  accountRow,
  articleRow,
  cursorAt,
  memberRow,
  staffRow,
} from '../../../support/fed-rows.ts';
import { commitSale, testMember } from '../../../support/ledger.ts';
import type { TestStore } from '../../../support/store.ts';
import {
  allRows,
  type Damage,
  fedTill,
  flip,
  HASH,
  M1,
  MEMBERS,
  scrub,
  sql,
  walk,
} from './fed-till.ts';

const swap = `
  CREATE TEMP TABLE two AS SELECT member_id, body, ver FROM members WHERE member_id IN ('m-3', 'm-4');
  UPDATE members SET body = (SELECT body FROM two WHERE two.member_id <> members.member_id)
  WHERE member_id IN ('m-3', 'm-4')`;

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

  test('goes where headquarters does not carry who was looked up, so that no copy outlives an erasure', () => {
    const till = fedTill();
    till.store.sync.applyAhead([memberRow(80, 200), accountRow('m-80', 201, { a: 5 })]);
    till.clock.nowMs += AHEAD_MAX_MS - 1;
    expect(scrub(till).suspects).toBe(0);
    till.clock.nowMs += 1;
    expect(scrub(till).suspects).toBe(2);
    expect(walk(till)).toEqual(['member/m-80 extra', 'points/m-80 extra']);
    expect(till.store.members.byId('m-80' as MemberId)).toBeUndefined();
    expect(till.store.points.balance('m-80' as MemberId)).toBe(0);
    expect(till.withSql(checkDigests)).toEqual([]);
  });
});
