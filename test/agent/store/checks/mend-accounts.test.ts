import { describe, expect, test } from 'vitest';
import { type MemberId, toInstant } from '../../../../agent/contract/index.ts';
import { LEDGER_KEPT_MIN_MS } from '../../../../agent/store/sync/received-marks.ts';
import { accountRow, cursorAt } from '../../../support/fed-rows.ts';
import { commitSale } from '../../../support/ledger.ts';
import { openTestStore, TEST_NOW_MS, type TestStore } from '../../../support/store.ts';

const M1 = 'm-1' as MemberId;
const SOLD = 4;

/** A till that has sold to a member, and whose account here has the sales up to `bookedSeq`. */
function soldTill(bookedSeq: number): TestStore & { readonly began: string } {
  const till = openTestStore();
  till.store.sync.checks.setKey('5a'.repeat(32));
  while (!till.store.sync.checks.make(50).done);
  for (let n = 1; n <= SOLD; n++) commitSale(till.store, n, M1);
  const began = till.store.incarnation;
  const lots = Array.from({ length: bookedSeq }, (_, n) => [`lot-${n + 1}`, 90]);
  const booked = { [`till-1:${began}`]: bookedSeq };
  till.store.sync.apply([accountRow(M1, 5, Object.fromEntries(lots), booked)], cursorAt(100));
  return Object.assign(till, { began });
}

/** Takes a receipt for all that was sold. */
function acknowledge({ store }: TestStore, { backedUpSeq = 0, laterMs = 0 } = {}): void {
  const receipt = {
    tillId: store.tillId,
    incarnation: store.incarnation,
    timeline: 'timeline-1',
    outboxNo: SOLD,
    seq: SOLD,
    hash: store.ledger.bySeq(SOLD)?.hash ?? '',
    backedUpSeq,
    at: toInstant(TEST_NOW_MS + laterMs),
  };
  expect(store.sync.acknowledge(receipt)).toEqual({ ok: true });
}

function prune(till: TestStore, seq: number): void {
  acknowledge(till);
  acknowledge(till, { backedUpSeq: seq, laterMs: LEDGER_KEPT_MIN_MS });
  expect(till.store.sync.pruneLedger(Number.MAX_SAFE_INTEGER, 10)).toBe(seq);
}

/** What one pass mended. */
function scrub({ store }: TestStore, limit = 100): number {
  const { checks } = store.sync;
  let mended = 0;
  for (let slice = checks.scrub(null, limit); ; slice = checks.scrub(slice.next, limit)) {
    mended += slice.mended;
    if (slice.next === null) return mended;
  }
}

const harm = (till: TestStore) =>
  till.withSql((db) => db.exec("UPDATE points_lots SET points = 9999 WHERE lot_id = 'lot-2'"));

describe("the deep scrub of accounts' lots", () => {
  test('knows what was booked under a former incarnation', () => {
    const till = soldTill(3);
    acknowledge(till);
    till.store.wantIncarnation();
    till.reopen();
    expect(till.store.incarnation).not.toBe(till.began);
    expect(scrub(till)).toBe(0);
    harm(till);
    expect([scrub(till), scrub(till)]).toEqual([1, 0]);
    expect(till.store.points.balance(M1)).toBe(SOLD * 90);
  });

  test('finds a wrong lot after entries were pruned as well, and leaves right ones alone', () => {
    const till = soldTill(3);
    prune(till, 3);
    expect(scrub(till)).toBe(0);
    harm(till);
    expect([scrub(till), scrub(till)]).toEqual([1, 0]);
    expect(till.store.points.balance(M1)).toBe(SOLD * 90);
  });

  test('makes a lost lot again that no account has, so that its points and its returns stay', () => {
    const till = soldTill(3);
    const lots = () =>
      till.withSql((db) => db.prepare('SELECT * FROM points_lots ORDER BY lot_id').all());
    const right = lots();
    till.withSql((db) => db.exec("DELETE FROM points_lots WHERE lot_id IN ('lot-2', 'lot-4')"));
    expect([scrub(till), scrub(till)]).toEqual([2, 0]);
    expect(till.store.points.balance(M1)).toBe(SOLD * 90);
    const known = (all: unknown[]) =>
      all.map((lot) => {
        const { lot_id, points, bucket } = lot as Record<string, unknown>;
        return { lot_id, points, bucket };
      });
    expect(known(lots())).toEqual(known(right));
    // Whom no account is known of is looked at too.
    const other = openTestStore();
    other.store.sync.checks.setKey('5a'.repeat(32));
    while (!other.store.sync.checks.make(50).done);
    for (let n = 1; n <= SOLD; n++) commitSale(other.store, n, `m-${n}` as MemberId);
    other.withSql((db) => db.exec("DELETE FROM points_lots WHERE member_id = 'm-3'"));
    for (const limit of [1, 3, 4, 100])
      expect([limit, scrub(other, limit)]).toEqual([limit, limit === 1 ? 1 : 0]);
    expect(other.store.points.balance('m-3' as MemberId)).toBe(90);
  });

  test('makes the lots of an account that is gone at what headquarters has yet to receive, as its removal did', () => {
    const till = soldTill(3);
    acknowledge(till);
    commitSale(till.store, SOLD + 1, M1);
    till.store.sync.apply([['points', M1, 6, null]], cursorAt(101));
    const points = () =>
      till.withSql((db) =>
        db.prepare('SELECT lot_id, points FROM points_lots ORDER BY lot_id').all(),
      );
    const right = points();
    expect(right).toHaveLength(SOLD + 1);
    expect(till.store.points.balance(M1)).toBe(90);
    till.withSql((db) => db.exec('DELETE FROM points_lots'));
    expect([scrub(till), scrub(till)]).toEqual([SOLD + 1, 0]);
    expect(points()).toEqual(right);
  });

  test('leaves a lot at nothing that a pruned entry had moved and headquarters no longer names', () => {
    const till = soldTill(3);
    till.store.sync.apply([accountRow(M1, 6, { 'lot-1': 90 }, { [`till-1:${till.began}`]: SOLD })]);
    prune(till, 3);
    const ofNothing = () =>
      till.withSql((db) => db.prepare('SELECT lot_id FROM points_lots WHERE points = 0').all());
    expect(ofNothing()).toHaveLength(SOLD - 1);
    expect(scrub(till)).toBe(0);
    expect(ofNothing()).toHaveLength(SOLD - 1);
  });
});
