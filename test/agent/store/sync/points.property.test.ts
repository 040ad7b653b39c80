import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LotId, MemberId } from '../../../../agent/contract/index.ts';
import { uploadItemSchema } from '../../../../sync/protocol/upload.ts';
import { accountRow } from '../../../support/fed-rows.ts';
import { appendEntry, testFacts, testLot } from '../../../support/ledger.ts';
import { openTestStore, type TestStore } from '../../../support/store.ts';

const MEMBERS = ['m-1', 'm-2'] as MemberId[];

/** What may happen at the till and at headquarters, in any order. */
const step = fc.oneof(
  fc.record({
    what: fc.constant('earn' as const),
    who: fc.nat(1),
    points: fc.integer({ min: 1, max: 50 }),
  }),
  fc.record({
    what: fc.constant('spend' as const),
    who: fc.nat(1),
    points: fc.integer({ min: 1, max: 50 }),
  }),
  /** HQ receives the next items; the till may not hear of it. */
  fc.record({
    what: fc.constant('upload' as const),
    items: fc.integer({ min: 1, max: 4 }),
    heard: fc.boolean(),
  }),
  /** HQ books something of its own: an online purchase, the sale of another till, points that expire. */
  fc.record({
    what: fc.constant('elsewhere' as const),
    who: fc.nat(1),
    points: fc.integer({ min: -40, max: 60 }),
    drops: fc.boolean(),
  }),
  /** The account as it was at one of its versions comes down, late or again. */
  fc.record({ what: fc.constant('feed' as const), who: fc.nat(1), back: fc.nat(3) }),
  fc.constant({ what: 'restart' as const }),
);

interface Account {
  readonly ver: number;
  readonly lots: ReadonlyMap<string, number>;
  readonly booked: number;
}

/** Headquarters as far as points go, and every version of each account that it had. */
function headquarters(till: TestStore) {
  const versions = new Map(
    MEMBERS.map((id) => [
      id,
      [{ ver: 1, lots: new Map<string, number>(), booked: 0 }] as Account[],
    ]),
  );
  let [ver, receivedNo, receivedSeq] = [1, 0, 0];
  const now = (id: MemberId) => versions.get(id)?.at(-1) as Account;
  const next = (id: MemberId, lots: ReadonlyMap<string, number>, booked = now(id).booked) =>
    void versions.get(id)?.push({ ver: ++ver, lots, booked });

  return {
    version: (id: MemberId, back: number) => versions.get(id)?.at(-1 - back) ?? now(id),
    elsewhere(id: MemberId, points: number, drops: boolean) {
      const lots = new Map(now(id).lots);
      if (drops) for (const [lotId, left] of lots) if (left <= 0) lots.delete(lotId);
      lots.set('hq', (lots.get('hq') ?? 0) + points);
      next(id, lots);
    },
    /** Books the next items that the till has for it, those repeated that it took before. */
    receive(items: number) {
      for (const item of till.store.sync.nextUpload(items, 1_000_000)) {
        expect(uploadItemSchema.parse(item)).toEqual(item);
        if (item.no <= receivedNo) continue;
        expect(item.no).toBe(receivedNo + 1);
        receivedNo = item.no;
        if (item.kind !== 'entry') continue;
        const { seq } = JSON.parse(item.header) as { seq: number };
        expect(seq).toBe(receivedSeq + 1);
        receivedSeq = seq;
        const id = item.facts.memberId as MemberId;
        const lots = new Map(now(id).lots);
        for (const { lotId, delta } of item.facts.movements)
          lots.set(lotId, (lots.get(lotId) ?? 0) + delta);
        next(id, lots, seq);
      }
    },
    receipt: () => ({
      tillId: till.store.tillId,
      incarnation: till.store.incarnation,
      timeline: 'timeline-1',
      outboxNo: receivedNo,
      seq: receivedSeq,
      hash: till.store.ledger.bySeq(receivedSeq)?.hash ?? '0'.repeat(64),
      backedUpSeq: 0,
      at: '2026-11-21T08:30:00.000Z',
    }),
  };
}

describe('points at a till that sells while headquarters feeds it', () => {
  test('are what headquarters last said plus what it had not booked by then, whatever the order', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 60 }), (steps) => {
        const till = openTestStore();
        const hq = headquarters(till);
        /** Own movements in order, and the account that the till has. */
        const moved: { seq: number; id: MemberId; delta: number }[] = [];
        const has = new Map<MemberId, Account>();
        let n = 0;

        function sell(id: MemberId, delta: number): void {
          n += 1;
          till.store.transaction(() => {
            const { header } = appendEntry(till.store, n, { memberId: id });
            const lot = till.store.points.lots(id).find(({ points }) => points > 0);
            const lotId = delta < 0 && lot !== undefined ? lot.lotId : (`sale-${n}` as LotId);
            till.store.points.addLots([testLot(lotId, id, 0)]);
            till.store.points.move([{ seq: header.seq, lotId, memberId: id, delta }]);
            till.store.outbox.append({
              kind: 'entry',
              seq: header.seq,
              atMs: n,
              facts: testFacts(id),
            });
            moved.push({ seq: header.seq, id, delta });
          });
        }

        for (const one of steps) {
          switch (one.what) {
            case 'earn':
              sell(MEMBERS[one.who] as MemberId, one.points);
              break;
            case 'spend':
              sell(MEMBERS[one.who] as MemberId, -one.points);
              break;
            case 'upload':
              hq.receive(one.items);
              if (one.heard) expect(till.store.sync.acknowledge(hq.receipt()).ok).toBe(true);
              break;
            case 'elsewhere':
              hq.elsewhere(MEMBERS[one.who] as MemberId, one.points, one.drops);
              break;
            case 'feed': {
              const id = MEMBERS[one.who] as MemberId;
              const account = hq.version(id, one.back);
              const booked = { [`${till.store.tillId}:${till.store.incarnation}`]: account.booked };
              till.store.sync.apply([
                accountRow(id, account.ver, Object.fromEntries(account.lots), booked),
              ]);
              if (account.ver > (has.get(id)?.ver ?? 0)) has.set(id, account);
              break;
            }
            case 'restart':
              till.reopen();
              break;
          }
          for (const id of MEMBERS) {
            const account = has.get(id);
            const theirs = [...(account?.lots.values() ?? [])].reduce(
              (sum, points) => sum + points,
              0,
            );
            const ours = moved
              .filter((move) => move.id === id && move.seq > (account?.booked ?? 0))
              .reduce((sum, { delta }) => sum + delta, 0);
            expect(till.store.points.balance(id)).toBe(theirs + ours);
          }
        }
      }),
      { numRuns: 25 },
    );
  }, 60_000);

  test('goods come back to a lot that headquarters has dropped meanwhile', () => {
    const { store } = openTestStore();
    const id = 'm-1' as MemberId;
    const me = `${store.tillId}:${store.incarnation}`;
    store.sync.apply([accountRow(id, 1, { a: 30 })]);
    const move = (n: number, delta: number) =>
      store.transaction(() => {
        const { header } = appendEntry(store, n, { memberId: id });
        store.points.move([{ seq: header.seq, lotId: 'a', memberId: id, delta }]);
      });
    move(1, -30);
    store.sync.apply([accountRow(id, 2, {}, { [me]: 1 })]);
    expect([store.points.balance(id), store.points.lots(id)]).toEqual([0, []]);
    move(2, 30);
    expect(store.points.balance(id)).toBe(30);
    store.sync.apply([accountRow(id, 3, { b: 5 }, { [me]: 1 })]);
    expect(store.points.balance(id)).toBe(35);
    store.sync.apply([accountRow(id, 4, { b: 5, a: 30 }, { [me]: 2 })]);
    expect(store.points.balance(id)).toBe(35);
  });

  test('of a member whom the feed no longer carries are what waits for headquarters', () => {
    const { store } = openTestStore();
    const id = 'm-1' as MemberId;
    store.sync.apply([accountRow(id, 1, { a: 30 })]);
    store.transaction(() => {
      const { header } = appendEntry(store, 1, { memberId: id });
      store.points.move([{ seq: header.seq, lotId: 'a', memberId: id, delta: -10 }]);
      store.outbox.append({ kind: 'entry', seq: header.seq, atMs: 1, facts: testFacts(id) });
    });
    store.sync.apply([['points', id, 2, null]]);
    expect(store.points.balance(id)).toBe(-10);
    // Once headquarters has received it, nothing is owed here.
    store.sync.acknowledge({
      tillId: store.tillId,
      incarnation: store.incarnation,
      timeline: 'timeline-1',
      outboxNo: 1,
      seq: 1,
      hash: store.ledger.head().hash,
      backedUpSeq: 0,
      at: '2026-11-21T08:30:00.000Z',
    });
    store.sync.apply([accountRow(id, 3, { a: 20 })]);
    store.sync.apply([['points', id, 4, null]]);
    expect(store.points.balance(id)).toBe(0);
  });
});
