import { describe, expect, test } from 'vitest';
import type { EvaluationId, MemberId, StoreId, TillId } from '../../../../agent/contract/index.ts';
import type { HoldRow } from '../../../../agent/store/store.ts';
import type { Registration } from '../../../../sync/client/ports.ts';
import type { FeedRow } from '../../../../sync/protocol/feed.ts';
import {
  accountRow,
  articleRow,
  cursorAt,
  documentRow,
  memberRow,
  staffRow,
} from '../../../support/fed-rows.ts';
import { appendEntry, testFacts, testMember } from '../../../support/ledger.ts';
import { openTestStore, TEST_PLACE } from '../../../support/store.ts';

const registration: Registration = {
  url: 'https://hq.example:8443',
  ca: 'pem',
  place: TEST_PLACE,
  privateKey: 'secret pem',
  trustedKeys: [{ keyId: 'k', publicKey: 'p' }],
  registeredAtMs: 5,
};

describe('the registration', () => {
  test('is kept with the place that headquarters gave', () => {
    const till = openTestStore();
    expect(till.store.sync.registration()).toBeUndefined();
    const place = { ...TEST_PLACE, store: { ...TEST_PLACE.store, storeTier: 'flagship' } };
    till.store.sync.register({ ...registration, place });
    const { sync, documents } = till.reopen();
    expect(sync.registration()).toEqual({ ...registration, place });
    expect(JSON.parse(documents.current('place')?.body ?? '')).toEqual(place);
  });

  test('leaves documents from elsewhere in force until those of headquarters come, whatever their versions', () => {
    const { store } = openTestStore();
    const { documents, sync } = store;
    const install = (version: number, body: string) =>
      documents.install({ kind: 'rule-set', version, body, installedAtMs: 1 });
    const inForce = () => documents.current('rule-set')?.body;
    install(7, 'alone');
    sync.register(registration);
    sync.apply([documentRow(3, 1)]);
    expect([inForce(), sync.documentsDue()]).toMatchObject(['alone', [{ version: 3 }]]);
    install(3, 'first chain');
    expect([inForce(), sync.documentsDue()]).toEqual(['first chain', []]);
    install(7, 'first chain, later');
    expect([inForce(), documents.byVersion('rule-set', 7)?.body]).toEqual([
      'first chain, later',
      'first chain, later',
    ]);
    expect(() => install(6, 'older')).toThrow('not above the installed 7');
    sync.register({ ...registration, url: 'https://other.example:8443' });
    expect([inForce(), sync.documentsDue()]).toMatchObject([
      'first chain, later',
      [{ version: 3 }],
    ]);
    install(3, 'other chain');
    expect([inForce(), sync.documentsDue()]).toEqual(['other chain', []]);
  });

  test('gives a till that has sold nothing its id from the next start on, and refuses to rename one that has', () => {
    const place = { ...TEST_PLACE, tillId: 'till-77' as TillId };
    const fresh = openTestStore();
    fresh.store.sync.register({ ...registration, place });
    const named = fresh.withSql((db) =>
      db.prepare(`SELECT value FROM meta WHERE name = 'tillId'`).get(),
    );
    expect(named).toEqual({ value: 'till-77' });
    const { store } = openTestStore();
    store.transaction(() => appendEntry(store, 1));
    expect(() => store.sync.register({ ...registration, place })).toThrow('keeps its id');
    expect(store.sync.registration()).toBeUndefined();
  });

  test('for another store leaves the place in the feed, what was removed there, and every version behind', () => {
    const till = openTestStore();
    const { sync } = till.store;
    sync.register(registration);
    sync.apply([memberRow(1, 900), ['member', 'm-2', 901, null]], cursorAt(50));
    const place = {
      ...TEST_PLACE,
      store: { ...TEST_PLACE.store, storeId: 'store-2' as StoreId },
    };
    sync.register({ ...registration, place });
    expect(sync.cursor()).toBeUndefined();
    // What was under way from the store that was left changes nothing.
    expect(sync.apply([memberRow(3, 902)], cursorAt(51))).toEqual({ changed: [], ignored: 1 });
    const moved = till.reopen();
    expect(moved.sync.cursor()).toBeUndefined();
    expect(moved.members.byId('m-1' as MemberId)).toBeDefined();
    const changed = moved.sync.apply([memberRow(1, 2), memberRow(2, 3)]).changed;
    expect(changed.map(({ key }) => key)).toEqual(['m-1', 'm-2']);
  });

  test('for another store makes whatever was fed the oldest there is, in each table', () => {
    const till = openTestStore();
    const { sync } = till.store;
    sync.register(registration);
    const rows = (ver: number): FeedRow[] => [
      memberRow(1, ver),
      accountRow('m-1', ver, { a: 5 }),
      staffRow('s-1', ver, '$argon2id$v=19$m=1024,t=1,p=1$c2FsdHNhbHQ$aGFzaA'),
      articleRow('tea', ver),
      ['setting', 'join', ver, '{}'],
      ['tag', 'vip', ver, '{}'],
    ];
    sync.apply(rows(900), cursorAt(50));
    till.store.members.upsert([testMember(7)]);
    sync.register({
      ...registration,
      place: { ...TEST_PLACE, store: { ...TEST_PLACE.store, storeId: 'store-2' as StoreId } },
    });
    const moved = till.reopen();
    expect(moved.sync.apply(rows(2)).changed).toHaveLength(6);
    // What the till wrote itself is below even that.
    expect(moved.sync.apply([memberRow(7, 1)]).changed).toHaveLength(1);
  });

  test('of another till of the same store leaves the place in the feed too', () => {
    const { sync } = openTestStore().store;
    sync.register(registration);
    sync.apply([], cursorAt(50));
    sync.register({ ...registration, place: { ...TEST_PLACE, tillId: 'till-77' as TillId } });
    expect(sync.cursor()).toBeUndefined();
  });

  test('for the same store keeps the place in the feed', () => {
    const { sync } = openTestStore().store;
    sync.register(registration);
    sync.apply([], cursorAt(50));
    sync.register(registration);
    expect(sync.cursor()).toEqual(cursorAt(50));
  });

  test('done again forgets the proofs of the one before', () => {
    const { sync } = openTestStore().store;
    sync.register(registration);
    sync.stageProof('proof-1');
    sync.confirmProof('proof-1');
    sync.register(registration);
    expect(sync.proofs()).toEqual([]);
  });
});

describe('session proofs', () => {
  test('are on the disk before they are sent, and the last one counts once the answer came', () => {
    const till = openTestStore();
    expect(till.store.sync.proofs()).toEqual([]);
    expect(till.store.sync.stageProof('a')).toBe('a');
    expect(till.reopen().sync.proofs()).toEqual(['a']);
    till.store.sync.confirmProof('a');
    expect(till.store.sync.stageProof('b')).toBe('b');
    expect(till.reopen().sync.proofs()).toEqual(['a', 'b']);
    till.store.sync.confirmProof('b');
    expect(till.store.sync.proofs()).toEqual(['b']);
    till.store.sync.confirmProof('b');
    expect(till.store.sync.proofs()).toEqual(['b']);
  });

  test('are confirmed by the answer to themselves only, so that a late answer to another changes nothing', () => {
    const { sync } = openTestStore().store;
    sync.stageProof('a');
    sync.confirmProof('a');
    sync.stageProof('b');
    sync.confirmProof('a');
    expect(sync.proofs()).toEqual(['a', 'b']);
  });

  test('whose answer never came are sent again, so that headquarters holds one that the till knows', () => {
    const { sync } = openTestStore().store;
    sync.stageProof('a');
    sync.confirmProof('a');
    expect(['b', 'c', 'd'].map((next) => sync.stageProof(next))).toEqual(['b', 'b', 'b']);
    expect(sync.proofs()).toEqual(['a', 'b']);
  });
});

describe('reservations that the till stands by', () => {
  const hold = (id: string, state: HoldRow['state'], allowanceIds: string[]): HoldRow => ({
    evaluationId: id as EvaluationId,
    basketId: 'b' as never,
    basketHash: 'x',
    memberId: null,
    state,
    deadlineMs: 1,
    pointsReserved: 0,
    couponsReserved: [],
    allowanceIds,
    saleId: null,
    body: '{}',
  });

  test('are those of held sales, and those that entries spend of which headquarters has yet to hear', () => {
    const { store } = openTestStore();
    store.holds.put(hold('e-1', 'HELD', ['e-1.0', 'e-1.1']));
    store.holds.put(hold('e-2', 'EXPIRED', ['e-2.0']));
    const sell = (n: number, allowanceId: string) =>
      store.transaction(() => {
        appendEntry(store, n);
        const facts = testFacts(null, { allowanceIds: [allowanceId] });
        store.outbox.append({ kind: 'entry', seq: n, atMs: n, facts });
      });
    sell(1, 'e-3.0');
    sell(2, 'e-4.0');
    const first = store.ledger.bySeq(1);
    store.sync.acknowledge({
      tillId: store.tillId,
      incarnation: store.incarnation,
      timeline: 'timeline-1',
      outboxNo: 1,
      seq: 1,
      hash: first?.hash ?? '',
      backedUpSeq: 0,
      at: '2026-11-21T08:30:00.000Z',
    });
    store.sync.queueRelease('e-2.0', 9);
    expect([...store.sync.openAllowances()].sort()).toEqual(['e-1.0', 'e-1.1', 'e-4.0']);
  });
});
