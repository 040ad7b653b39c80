import { describe, expect, test } from 'vitest';
import {
  type MemberId,
  type SaleId,
  type StaffId,
  toInstant,
} from '../../../../agent/contract/index.ts';
import { verifyChain } from '../../../../agent/domain/ledger/chain.ts';
import type { Store } from '../../../../agent/store/store.ts';
import { LEDGER_KEPT_MIN_MS } from '../../../../agent/store/sync/received-marks.ts';
import type { FeedRow } from '../../../../sync/protocol/feed.ts';
import {
  type Receipt,
  UPLOAD_MAX_BYTES,
  uploadItemSchema,
} from '../../../../sync/protocol/upload.ts';
import { accountRow } from '../../../support/fed-rows.ts';
import {
  appendEntry,
  commitSale,
  ledgerCrypto,
  testFacts,
  testLot,
} from '../../../support/ledger.ts';
import { openTestStore } from '../../../support/store.ts';

const M1 = 'm-1' as MemberId;

/** The receipt that headquarters would give for everything up to an entry and a row of the outbox. */
function receiptFor(
  store: Store,
  seq: number,
  outboxNo: number,
  more: Partial<Receipt> = {},
): Receipt {
  return {
    tillId: store.tillId,
    incarnation: store.incarnation,
    timeline: 'timeline-1',
    outboxNo,
    seq,
    hash: seq === 0 ? store.ledger.base().hash : (store.ledger.bySeq(seq)?.hash ?? ''),
    backedUpSeq: 0,
    at: '2026-11-21T08:30:00.000Z',
    ...more,
  };
}

/** Takes a receipt, and the same one again so much later by headquarters' own clock. */
function acknowledgeLater(store: Store, receipt: Receipt, laterMs = LEDGER_KEPT_MIN_MS): void {
  const at = toInstant(Date.parse(receipt.at) + laterMs);
  for (const one of [receipt, { ...receipt, at }])
    expect(store.sync.acknowledge(one)).toEqual({ ok: true });
}

function sellOf(store: Store, count: number): void {
  for (let n = 1; n <= count; n++) commitSale(store, n, M1);
}

describe('the outbox', () => {
  test('gives entries with their facts, audit rows, joins and releases in the order of their numbers', () => {
    const { store } = openTestStore();
    commitSale(store, 1, M1);
    store.audit.append({ atMs: 5, staffId: 's-1' as StaffId, action: 'looked', detail: { a: 1 } });
    const join = {
      provisionalId: 'join-1' as MemberId,
      phone: '13800000001',
      consentVersion: '1',
      consentChannel: 'paper' as const,
      staffId: 's-1' as StaffId,
      at: '2026-11-21T08:30:00.000Z',
    };
    store.outbox.append({ kind: 'join', atMs: 6, join });
    store.sync.queueRelease('e-1.0', 7);
    const items = store.sync.nextUpload(10, UPLOAD_MAX_BYTES);
    for (const item of items) expect(uploadItemSchema.parse(item)).toEqual(item);
    const row = store.ledger.bySeq(1);
    const key = store.keys.forSubject(M1).key;
    expect(items).toMatchObject([
      {
        kind: 'entry',
        no: 1,
        hash: row?.hash,
        sealed: Buffer.from(row?.sealed ?? []).toString('base64'),
        key: Buffer.from(key).toString('base64'),
        facts: {
          memberId: M1,
          orders: 1,
          movements: [{ lotId: 'lot-1', delta: 90, lot: { bucket: 'base', source: 'test' } }],
        },
      },
      { kind: 'audit', no: 2, staffId: 's-1', action: 'looked', detail: { a: 1 } },
      { kind: 'join', no: 3, join },
      { kind: 'release', no: 4, allowanceId: 'e-1.0' },
    ]);
    expect(store.sync.waiting()).toEqual({ count: 4, oldestMs: expect.any(Number) });
  });

  test('gives no key once the member was erased', () => {
    const { store } = openTestStore();
    commitSale(store, 1, M1);
    store.keys.erase(M1);
    expect(store.sync.nextUpload(1, UPLOAD_MAX_BYTES)).toMatchObject([{ key: null }]);
  });

  test('says what a lot is only with the movement that made it', () => {
    const { store } = openTestStore();
    commitSale(store, 1, M1);
    store.transaction(() => {
      const { header } = appendEntry(store, 2, { memberId: M1 });
      store.points.move([{ seq: header.seq, lotId: 'lot-1', memberId: M1, delta: -90 }]);
      store.outbox.append({ kind: 'entry', seq: 2, atMs: 2, facts: testFacts(M1) });
    });
    store.points.upsertLots([testLot('loaded', M1, 50)]);
    store.transaction(() => {
      const { header } = appendEntry(store, 3, { memberId: M1 });
      store.points.move([
        { seq: header.seq, lotId: 'lot-1', memberId: M1, delta: 90 },
        { seq: header.seq, lotId: 'loaded', memberId: M1, delta: -50 },
      ]);
      store.outbox.append({ kind: 'entry', seq: 3, atMs: 3, facts: testFacts(M1) });
    });
    const lots = store.sync
      .nextUpload(10, UPLOAD_MAX_BYTES)
      .flatMap((item) => (item.kind === 'entry' ? item.facts.movements : []))
      .map(({ lotId, delta, lot }) => [lotId, delta, lot !== undefined]);
    expect(lots).toEqual([
      ['lot-1', 90, true],
      ['lot-1', -90, false],
      ['lot-1', 90, false],
      ['loaded', -50, false],
    ]);
  });

  test('says with each entry what a lot of another category is, which headquarters may have dropped', () => {
    const { store } = openTestStore();
    store.points.upsertLots([{ ...testLot('green', M1, 50), bucket: 'green' }]);
    store.transaction(() => {
      const { header } = appendEntry(store, 1, { memberId: M1 });
      const move = { seq: header.seq, lotId: 'green', memberId: M1, delta: -10 };
      store.points.move([move, move]);
      store.outbox.append({ kind: 'entry', seq: 1, atMs: 1, facts: testFacts(M1) });
    });
    const [item] = store.sync.nextUpload(1, UPLOAD_MAX_BYTES);
    const moved = item?.kind === 'entry' ? item.facts.movements : [];
    expect(moved.map(({ lot }) => lot?.bucket)).toEqual(['green', undefined]);
  });

  test('says what a lot is once, where its entry moved it twice', () => {
    const { store } = openTestStore();
    store.transaction(() => {
      const { header } = appendEntry(store, 1, { memberId: M1 });
      const move = { seq: header.seq, lotId: 'made', memberId: M1 };
      store.points.addLots([testLot('made', M1, 0)]);
      store.points.move([
        { ...move, delta: 50 },
        { ...move, delta: 40 },
      ]);
      store.outbox.append({ kind: 'entry', seq: 1, atMs: 1, facts: testFacts(M1) });
    });
    const [item] = store.sync.nextUpload(1, UPLOAD_MAX_BYTES);
    expect(item).toMatchObject({
      facts: { movements: [{ delta: 50, lot: { bucket: 'base' } }, { delta: 40 }] },
    });
    expect(item?.kind === 'entry' && item.facts.movements[1]).not.toHaveProperty('lot');
  });

  test('tells of entries from before facts were written what their headers and movements say', () => {
    const till = openTestStore();
    commitSale(till.store, 1, M1);
    till.store.transaction(() => {
      appendEntry(till.store, 2, { memberId: M1, kind: 'return' });
      till.store.outbox.append({ kind: 'entry', seq: 2, atMs: 2, facts: testFacts(M1) });
    });
    till.withSql((db) => db.exec('UPDATE outbox SET body = NULL'));
    const items = till.store.sync.nextUpload(2, UPLOAD_MAX_BYTES);
    for (const item of items) expect(uploadItemSchema.parse(item)).toEqual(item);
    expect(items).toMatchObject([
      { facts: { memberId: M1, spendMinor: 9_001, orders: 1, movements: [{ delta: 90 }] } },
      { facts: { memberId: null, spendMinor: 0, orders: 0, movements: [] } },
    ]);
  });

  test('leaves out what earlier versions wrote of coupons that came back', () => {
    const till = openTestStore();
    commitSale(till.store, 1, M1);
    const [now] = till.store.sync.nextUpload(1, UPLOAD_MAX_BYTES);
    till.withSql((db) =>
      db.exec("UPDATE outbox SET body = json_set(body, '$.couponsReturned', json('[\"c-1\"]'))"),
    );
    expect(till.store.sync.nextUpload(1, UPLOAD_MAX_BYTES)).toEqual([now]);
  });

  test('keeps within the limits, and gives one item where even that is over them', () => {
    const { store } = openTestStore();
    sellOf(store, 5);
    expect(store.sync.nextUpload(3, UPLOAD_MAX_BYTES).map(({ no }) => no)).toEqual([1, 2, 3]);
    const bytes = store.sync
      .nextUpload(2, UPLOAD_MAX_BYTES)
      .reduce((sum, item) => sum + Buffer.byteLength(JSON.stringify(item)) + 1, 0);
    expect(store.sync.nextUpload(9, bytes)).toHaveLength(2);
    expect(store.sync.nextUpload(9, bytes - 1)).toHaveLength(1);
    expect(store.sync.nextUpload(9, 1)).toHaveLength(1);
  });

  test('never uses a number again, also after everything was received, pruned and the till restarted', () => {
    const till = openTestStore();
    sellOf(till.store, 3);
    acknowledgeLater(till.store, receiptFor(till.store, 3, 3, { backedUpSeq: 3 }));
    expect(till.store.sync.pruneLedger(Number.MAX_SAFE_INTEGER, 10)).toBe(2);
    expect(till.reopen().sync.nextUpload(9, UPLOAD_MAX_BYTES)).toEqual([]);
    commitSale(till.store, 4, M1);
    expect(till.store.sync.nextUpload(9, UPLOAD_MAX_BYTES)).toMatchObject([{ no: 4 }]);
  });

  test('cannot lose a row that headquarters has yet to receive', () => {
    const till = openTestStore();
    sellOf(till.store, 2);
    expect(() => till.withSql((db) => db.exec('DELETE FROM outbox'))).toThrow('yet to receive');
  });
});

describe('a receipt', () => {
  test('of a part leaves the rest waiting, also after a restart', () => {
    const till = openTestStore();
    sellOf(till.store, 3);
    expect(till.store.sync.acknowledge(receiptFor(till.store, 2, 2))).toEqual({ ok: true });
    const { sync } = till.reopen();
    expect(sync.received()).toEqual({ seq: 2, outboxNo: 2, backedUpSeq: 0 });
    expect(sync.waiting()).toMatchObject({ count: 1 });
    expect(sync.nextUpload(9, UPLOAD_MAX_BYTES)).toMatchObject([{ no: 3 }]);
  });

  test('that is older changes nothing; the same one with a later backup moves only that', () => {
    const { store } = openTestStore();
    sellOf(store, 3);
    store.sync.acknowledge(receiptFor(store, 3, 3));
    store.sync.acknowledge(receiptFor(store, 1, 1, { backedUpSeq: 1 }));
    expect(store.sync.received()).toEqual({ seq: 3, outboxNo: 3, backedUpSeq: 0 });
    store.sync.acknowledge(receiptFor(store, 3, 3, { backedUpSeq: 2 }));
    store.sync.acknowledge(receiptFor(store, 3, 3, { backedUpSeq: 1 }));
    expect(store.sync.received()).toEqual({ seq: 3, outboxNo: 3, backedUpSeq: 2 });
  });

  test.each<[string, (store: Store) => Receipt]>([
    ['names another hash', (store) => receiptFor(store, 2, 3, { hash: 'f'.repeat(64) })],
    [
      'names an entry that is not there',
      (store) => receiptFor(store, 9, 3, { hash: 'f'.repeat(64) }),
    ],
    ['names rows that are not there', (store) => receiptFor(store, 2, 9)],
    ['names more rows than its entry', (store) => receiptFor(store, 1, 3)],
    ['has backed up more than it received', (store) => receiptFor(store, 2, 3, { backedUpSeq: 3 })],
  ])('that %s is refused and forgets nothing', (_what, make) => {
    const { store } = openTestStore();
    sellOf(store, 2);
    store.audit.append({ atMs: 1, staffId: null, action: 'a', detail: {} });
    expect(store.sync.acknowledge(make(store))).toEqual({
      ok: false,
      error: 'receipt-does-not-fit',
    });
    expect(store.sync.waiting().count).toBe(3);
    expect(store.sync.acknowledge(receiptFor(store, 2, 3)).ok).toBe(true);
  });

  test('before the first entry fits the beginning of the chain', () => {
    const { store } = openTestStore();
    store.audit.append({ atMs: 1, staffId: null, action: 'a', detail: {} });
    expect(store.sync.acknowledge(receiptFor(store, 0, 1)).ok).toBe(true);
    expect(store.sync.waiting()).toEqual({ count: 0, oldestMs: null });
  });
});

describe('a headquarters that was restored from a backup', () => {
  test('is told again what it lost, under the same numbers and with the same facts', () => {
    const { store } = openTestStore();
    sellOf(store, 2);
    store.audit.append({ atMs: 1, staffId: null, action: 'a', detail: {} });
    commitSale(store, 3, M1);
    const all = store.sync.nextUpload(9, UPLOAD_MAX_BYTES);
    store.sync.acknowledge(receiptFor(store, 3, 4, { backedUpSeq: 3 }));
    expect(store.sync.nextUpload(9, UPLOAD_MAX_BYTES)).toEqual([]);
    store.sync.sendAgain(1);
    expect(store.sync.received()).toEqual({ seq: 1, outboxNo: 1, backedUpSeq: 1 });
    expect(store.sync.nextUpload(9, UPLOAD_MAX_BYTES)).toEqual(all.slice(1));
    store.sync.sendAgain(3);
    expect(store.sync.received().seq).toBe(1);
    store.sync.sendAgain(0);
    expect(store.sync.nextUpload(9, UPLOAD_MAX_BYTES)).toEqual(all);
  });

  test('that lost only rows beside the last entry is told those', () => {
    const { store } = openTestStore();
    commitSale(store, 1, M1);
    store.audit.append({ atMs: 1, staffId: null, action: 'a', detail: {} });
    store.sync.acknowledge(receiptFor(store, 1, 2));
    store.sync.sendAgain(1);
    expect(store.sync.nextUpload(9, UPLOAD_MAX_BYTES)).toMatchObject([{ kind: 'audit', no: 2 }]);
  });

  test('cannot be told what was pruned', () => {
    const { store } = openTestStore();
    sellOf(store, 3);
    acknowledgeLater(store, receiptFor(store, 3, 3, { backedUpSeq: 3 }));
    store.sync.pruneLedger(Number.MAX_SAFE_INTEGER, 1);
    store.sync.sendAgain(0);
    expect(store.sync.received()).toMatchObject({ seq: 1, outboxNo: 1 });
    expect(store.sync.nextUpload(9, UPLOAD_MAX_BYTES)).toMatchObject([{ no: 2 }, { no: 3 }]);
  });
});

describe('pruning the ledger', () => {
  const AT_MS = Date.UTC(2026, 10, 21, 8, 30);
  const DAY_MS = 24 * 60 * 60_000;

  test('takes what is backed up and old, and the rest of the chain verifies from the base', () => {
    const till = openTestStore();
    sellOf(till.store, 6);
    expect(till.store.sync.pruneLedger(Number.MAX_SAFE_INTEGER, 10)).toBe(0);
    acknowledgeLater(till.store, receiptFor(till.store, 6, 6, { backedUpSeq: 4 }));
    expect(till.store.sync.pruneLedger(AT_MS, 10)).toBe(0);
    expect(till.store.sync.pruneLedger(AT_MS + 4, 2)).toBe(2);
    expect(till.store.sync.pruneLedger(AT_MS + 4, 2)).toBe(1);
    expect(till.store.sync.pruneLedger(Number.MAX_SAFE_INTEGER, 10)).toBe(1);
    const { ledger, points } = till.reopen();
    expect(ledger.base().seq).toBe(4);
    const left = ledger.after(0, 10);
    expect(left.map(({ header }) => header.seq)).toEqual([5, 6]);
    expect(verifyChain(ledgerCrypto.hash, left, ledger.base())).toMatchObject({ ok: true });
    expect([points.movementsOf(4), points.movementsOf(5).length]).toEqual([[], 1]);
    expect(points.balance(M1)).toBe(6 * 90);
    expect(till.withSql((db) => db.prepare('SELECT min(no) AS no FROM outbox').get())).toEqual({
      no: 5,
    });
    commitSale(till.store, 7, M1);
    expect(till.store.ledger.head().seq).toBe(7);
  });

  test('leaves the newest entry, and a sale that goods can come back to with all that follows it', () => {
    const { store } = openTestStore();
    sellOf(store, 4);
    store.holds.put({
      evaluationId: 'sale-3' as never,
      basketId: 'b' as never,
      basketHash: 'x',
      memberId: null,
      state: 'COMMITTED',
      deadlineMs: 1,
      pointsReserved: 0,
      couponsReserved: [],
      allowanceIds: [],
      saleId: 'sale-3' as SaleId,
      body: '{}',
    });
    acknowledgeLater(store, receiptFor(store, 4, 4, { backedUpSeq: 4 }));
    const saleOf = (seq: number) => store.ledger.bySeq(seq)?.header.saleId;
    expect(saleOf(3)).toBe('sale-3');
    expect(store.sync.pruneLedger(Number.MAX_SAFE_INTEGER, 10)).toBe(2);
    store.holds.pruneBefore(Number.MAX_SAFE_INTEGER);
    expect(store.sync.pruneLedger(Number.MAX_SAFE_INTEGER, 10)).toBe(1);
    expect(store.sync.pruneLedger(Number.MAX_SAFE_INTEGER, 10)).toBe(0);
    expect(store.ledger.head().seq).toBe(4);
  });

  test('never takes an entry that headquarters has had for less than 35 days by its own time, to the millisecond', () => {
    const { store } = openTestStore();
    sellOf(store, 3);
    const receipt = receiptFor(store, 2, 2, { backedUpSeq: 2 });
    expect(LEDGER_KEPT_MIN_MS).toBe(35 * 24 * 60 * 60_000);
    acknowledgeLater(store, receipt, LEDGER_KEPT_MIN_MS - 1);
    expect(store.sync.pruneLedger(Number.MAX_SAFE_INTEGER, 10)).toBe(0);
    acknowledgeLater(store, receipt, LEDGER_KEPT_MIN_MS);
    expect(store.sync.pruneLedger(Number.MAX_SAFE_INTEGER, 10)).toBe(2);
  });

  test("with the till's clock a year ahead takes nothing as long as headquarters' clock says less than 35 days", () => {
    const { store, clock } = openTestStore();
    sellOf(store, 3);
    clock.nowMs += 365 * 24 * 60 * 60_000;
    acknowledgeLater(store, receiptFor(store, 2, 2, { backedUpSeq: 2 }), 24 * 60 * 60_000);
    expect(store.sync.pruneLedger(clock.nowMs, 10)).toBe(0);
  });

  test('takes only what had arrived 35 days before the latest receipt, not what came since', () => {
    const { store } = openTestStore();
    sellOf(store, 4);
    store.sync.acknowledge(receiptFor(store, 1, 1));
    const at = toInstant(AT_MS + LEDGER_KEPT_MIN_MS);
    store.sync.acknowledge(receiptFor(store, 3, 3, { backedUpSeq: 3, at }));
    expect(store.sync.pruneLedger(Number.MAX_SAFE_INTEGER, 10)).toBe(1);
  });

  test('counts 35 days anew for what a restored headquarters received again', () => {
    const { store } = openTestStore();
    sellOf(store, 4);
    const at = (days: number) => toInstant(AT_MS + days * DAY_MS);
    store.sync.acknowledge(receiptFor(store, 2, 2));
    store.sync.acknowledge(receiptFor(store, 4, 4, { at: at(1) }));
    store.sync.sendAgain(2);
    const again = receiptFor(store, 4, 4, { backedUpSeq: 4, at: at(40) });
    expect(store.sync.acknowledge(again)).toEqual({ ok: true });
    expect(store.sync.pruneLedger(Number.MAX_SAFE_INTEGER, 10)).toBe(2);
    expect(store.sync.pruneLedger(Number.MAX_SAFE_INTEGER, 10)).toBe(0);
    store.sync.acknowledge({ ...again, at: at(75) });
    expect(store.sync.pruneLedger(Number.MAX_SAFE_INTEGER, 10)).toBe(1);
  });

  test('counts what was written before a renewal from when it went up, not from the receipt that begins after it', () => {
    const till = openTestStore();
    sellOf(till.store, 3);
    till.store.wantIncarnation();
    const store = till.reopen();
    commitSale(store, 4, M1);
    const begins = receiptFor(store, 3, 1);
    expect(store.sync.acknowledge(begins)).toEqual({ ok: true });
    const at = toInstant(AT_MS + LEDGER_KEPT_MIN_MS);
    store.sync.acknowledge(receiptFor(store, 4, 4, { backedUpSeq: 4, at }));
    expect(store.sync.pruneLedger(Number.MAX_SAFE_INTEGER, 10)).toBe(1);
  });

  test('is not brought forward by one receipt whose clock at headquarters was a year ahead', () => {
    const { store } = openTestStore();
    sellOf(store, 1);
    store.sync.acknowledge(receiptFor(store, 1, 1, { at: toInstant(AT_MS + 365 * DAY_MS) }));
    for (let n = 2; n <= 4; n++) commitSale(store, n, M1);
    const receipt = receiptFor(store, 3, 3, { backedUpSeq: 3 });
    store.sync.acknowledge(receipt);
    expect(store.sync.pruneLedger(Number.MAX_SAFE_INTEGER, 10)).toBe(0);
    acknowledgeLater(store, receipt);
    expect(store.sync.pruneLedger(Number.MAX_SAFE_INTEGER, 10)).toBe(3);
  });

  test("leaves an entry whose points the member's account here has yet to show", () => {
    const { store } = openTestStore();
    const account = (ver: number, bookedSeq: number): FeedRow => {
      const lots = Array.from({ length: bookedSeq }, (_, n) => [`lot-${n + 1}`, 90]);
      const booked = { [`till-1:${store.incarnation}`]: bookedSeq };
      return accountRow(M1, ver, Object.fromEntries(lots), booked);
    };
    sellOf(store, 4);
    store.sync.apply([account(5, 1)]);
    acknowledgeLater(store, receiptFor(store, 4, 4, { backedUpSeq: 4 }));
    expect(store.sync.pruneLedger(Number.MAX_SAFE_INTEGER, 10)).toBe(1);
    store.sync.apply([account(6, 1)]);
    expect(store.points.balance(M1)).toBe(4 * 90);
    store.sync.apply([account(7, 3)]);
    expect(store.sync.pruneLedger(Number.MAX_SAFE_INTEGER, 10)).toBe(2);
    store.sync.apply([account(8, 3)]);
    expect(store.points.balance(M1)).toBe(4 * 90);
  });

  test('leaves an entry that is damaged, with all that follows it', () => {
    const till = openTestStore();
    sellOf(till.store, 4);
    till.withSql((db) =>
      db.exec(
        `DROP TRIGGER ledger_keeps_content; UPDATE ledger SET header = replace(header, 'CNY', 'CNX') WHERE seq = 2`,
      ),
    );
    acknowledgeLater(till.store, receiptFor(till.store, 4, 4, { backedUpSeq: 4 }));
    expect(till.store.sync.pruneLedger(Number.MAX_SAFE_INTEGER, 10)).toBe(1);
  });

  test('is the only way by which entries go', () => {
    const till = openTestStore();
    sellOf(till.store, 3);
    acknowledgeLater(till.store, receiptFor(till.store, 3, 3, { backedUpSeq: 1 }));
    till.store.sync.pruneLedger(Number.MAX_SAFE_INTEGER, 10);
    const run = (sql: string) => () => till.withSql((db) => db.exec(sql));
    expect(run('DELETE FROM ledger WHERE seq = 2')).toThrow('append-only');
    expect(run('DELETE FROM points_movements WHERE seq = 2')).toThrow('append-only');
    expect(run('UPDATE ledger_base SET seq = 2')).toThrow('backed up');
    expect(run('UPDATE ledger_base SET seq = 0')).toThrow('backed up');
    expect(run('DELETE FROM ledger_base')).toThrow('append-only');
    expect(run('DELETE FROM ledger_pruned')).toThrow('append-only');
    expect(run("UPDATE ledger_pruned SET contents = x'00'")).toThrow('append-only');
    expect(
      run(
        'UPDATE sync_state SET backed_up_seq = 3; UPDATE received_marks SET at_ms = at_ms + 1 WHERE at_ms = (SELECT min(at_ms) FROM received_marks); UPDATE ledger_base SET seq = 2',
      ),
    ).toThrow('backed up');
    expect(run('DELETE FROM sync_state')).toThrow('stays');
  });
});

test('text that headquarters cannot keep goes up without what it cannot keep, in names and in details alike', () => {
  const { store } = openTestStore();
  store.audit.append({
    atMs: 1,
    staffId: null,
    action: 'decision-overridden',
    detail: { reason: 'a\0b\ud800c', ['k\0']: ['\u001b[2J'] },
  });
  const join = {
    provisionalId: 'join-1' as MemberId,
    phone: '13800000000',
    consentVersion: '1',
    consentChannel: 'paper' as const,
    staffId: 'cashier-1' as StaffId,
    at: '2026-11-21T08:30:00.000Z',
  };
  store.outbox.append({ kind: 'join', atMs: 2, join: { ...join, name: '李\n\udc00雷' } });
  store.outbox.append({ kind: 'join', atMs: 3, join: { ...join, name: '\0' } });
  const items = store.sync.nextUpload(10, UPLOAD_MAX_BYTES);
  expect(items).toMatchObject([
    { detail: { reason: 'ab\ufffdc', k: ['[2J'] } },
    { join: { name: '李\ufffd雷' } },
    { join },
  ]);
  for (const item of items) expect(uploadItemSchema.safeParse(item).success).toBe(true);
});
