import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { MemberId } from '../../../../agent/contract/index.ts';
import { copyRows } from '../../../../agent/store/salvage/copy-rows.ts';
import { remakeLots } from '../../../../agent/store/salvage/remake-lots.ts';
import { createConnection } from '../../../../agent/store/sqlite/connection.ts';
import { openDatabase } from '../../../../agent/store/sqlite/open-database.ts';
import type { Store } from '../../../../agent/store/store.ts';
import {
  closeTill,
  damagedCopy,
  makeSoldFolder,
  missingSales,
  openLikeTill,
  ruinPage,
  treesOf,
} from '../../../support/damaged.ts';
import { imageOf } from '../../../support/journal.ts';
import { appendEntry, commitSale, testFacts, testLot } from '../../../support/ledger.ts';
import { must } from '../../../support/must.ts';
import { openTestStore, TEST_NOW_MS, type TestStore } from '../../../support/store.ts';

const M1 = 'm-1' as MemberId;
const points = (store: Store, memberId = M1) =>
  store.points.lots(memberId).reduce((sum, lot) => sum + lot.points, 0);

/** Loses the lots, and makes them again as a salvage does. */
function losingLots(till: TestStore): number {
  const identity = { tillId: till.store.tillId, incarnation: till.store.incarnation };
  const made = till.withSql((db) => {
    db.exec('DELETE FROM points_lots');
    const connection = createConnection(db);
    return connection.transaction(() => remakeLots(connection, identity as never, TEST_NOW_MS));
  });
  till.reopen();
  return made;
}

const sent = ({ sync }: Store) =>
  sync
    .nextUpload(10, 1_000_000)
    .flatMap((item) => (item.kind === 'entry' ? item.facts.movements : []));

describe('lots that are lost with their pages', () => {
  test('are made again of the sale that waits, told to headquarters with it, and named in the audit log', () => {
    const till = openTestStore();
    commitSale(till.store, 1, M1);
    const before = [points(till.store), sent(till.store)];
    expect(losingLots(till)).toBe(1);
    expect([
      points(till.store),
      sent(till.store).map(({ lotId, delta }) => [lotId, delta]),
    ]).toEqual([
      before[0],
      (before[1] as ReturnType<typeof sent>).map(({ lotId, delta }) => [lotId, delta]),
    ]);
    expect(sent(till.store).every(({ lot }) => lot !== undefined)).toBe(true);
    expect(till.store.audit.recent(1)).toMatchObject([
      { action: 'salvage-lots-remade', detail: { lots: 1, seqs: [1] } },
    ]);
  });

  test("are taken from the member's account where headquarters sent them", () => {
    const till = openTestStore();
    commitSale(till.store, 1, M1);
    const [movement] = till.store.points.movementsOf(1);
    const lot = {
      lotId: movement?.lotId,
      points: 90,
      earnedAt: '2026-01-01T00:00:00.000Z',
      expiresOn: '2027-01-01',
      channel: 'online',
      bucket: 'gift',
      source: 'elsewhere',
    };
    const booked = { [`till-1:${till.store.incarnation}`]: 1 };
    const body = JSON.stringify({ memberId: M1, lots: [lot], booked });
    till.store.sync.apply([['points', M1, 5, body]]);
    losingLots(till);
    expect(till.store.points.lots(M1)).toEqual([{ ...lot, memberId: M1 }]);
  });

  test('break no account that comes down, and their movements still wait', () => {
    const till = openTestStore();
    commitSale(till.store, 1, M1);
    till.withSql((db) => db.exec('DELETE FROM points_lots'));
    const { sync } = till.reopen();
    const body = JSON.stringify({ memberId: M1, lots: [], booked: {} });
    expect(sync.apply([['points', M1, 9, body]]).changed).toHaveLength(1);
    expect(sent(till.store)).toHaveLength(1);
  });
});

/** A sale that pays with points of a lot. */
function spend({ store }: TestStore, n: number, lotId: string, delta: number): void {
  store.transaction(() => {
    const { header } = appendEntry(store, n, { memberId: M1 });
    const { seq } = header;
    store.points.move([{ seq, lotId: lotId as never, memberId: M1, delta }]);
    store.outbox.append({ kind: 'entry', seq, atMs: TEST_NOW_MS, facts: testFacts(M1) });
  });
}

describe('lots of headquarters that are lost with the log', () => {
  const more = { expiresOn: '2027-03-31', channel: 'online', bucket: 'gift' } as const;

  test('are made again of the journal, with all that they held and until when, not with what was spent here alone', () => {
    const till = openTestStore();
    const lose = imageOf(till);
    till.store.points.upsertLots([testLot('hq', M1, 500, more)]);
    spend(till, 1, 'hq', -200);
    spend(till, 2, 'hq', -50);
    const before = till.store.points.lots(M1);
    expect(before).toMatchObject([{ points: 250, ...more }]);
    lose(till);
    till.reopen();
    expect(till.store.points.lots(M1)).toEqual(before);
  });

  test('are made without what headquarters has booked, where its account is there', () => {
    const till = openTestStore();
    const booked = { [`till-1:${till.store.incarnation}`]: 0 };
    till.store.sync.apply([['points', M1, 5, JSON.stringify({ memberId: M1, lots: [], booked })]]);
    const lose = imageOf(till);
    till.store.points.upsertLots([testLot('hq', M1, 500, more)]);
    spend(till, 1, 'hq', -200);
    lose(till);
    till.reopen();
    expect(till.store.points.lots(M1)).toMatchObject([{ points: -200, ...more }]);
  });
});

describe('a salvage', () => {
  const folder = makeSoldFolder({ sales: 60 });
  const trees = treesOf(folder);
  afterAll(() => folder.remove());

  test('with pages of lots lost keeps every sale and every lot that a sale here moved', () => {
    const copy = damagedCopy(folder, (path) => {
      for (const page of trees.get('points_lots') ?? []) ruinPage(path, page);
    });
    const opened = must(openLikeTill(copy.dataDir, folder.key));
    expect(missingSales(opened.store, folder.sold)).toEqual([]);
    expect(sent(opened.store).every(({ lot }) => lot !== undefined)).toBe(true);
    closeTill(opened);
    copy.remove();
  });

  test('brings the first rows of a cached table that is longer than the limit, and every lot that is named', () => {
    const most = 7;
    const copy = damagedCopy(folder, () => undefined);
    const to = join(copy.dataDir, 'till-0123456789abcdef.db');
    const copied = must(copyRows(copy.path, to, folder.key, TEST_NOW_MS, most));
    expect(copied.get('members')).toMatchObject({ rows: most, state: 'part', endRead: false });
    expect(copied.get('ledger')).toMatchObject({ rows: 60, state: 'whole', endRead: true });
    const db = openDatabase(to, folder.key, false);
    const nameless = db
      .prepare(`SELECT count(*) AS n FROM points_movements m WHERE NOT EXISTS
        (SELECT 1 FROM points_lots p WHERE p.member_id = m.member_id AND p.lot_id = m.lot_id)`)
      .get();
    db.close();
    expect(nameless).toEqual({ n: 0 });
    copy.remove();
  });
});
