import { describe, expect, test } from 'vitest';
import {
  articleSchema,
  type BasketId,
  type ClientId,
  type MemberId,
  pairedClientSchema,
  type StaffId,
  staffSchema,
  toInstant,
} from '../../../../agent/contract/index.ts';
import { TOUCH_INTERVAL_MS } from '../../../../agent/store/repositories/clients.ts';
import type { BasketRow, StoredDocument } from '../../../../agent/store/store.ts';
import { appendEntry, commitSale, testReply } from '../../../support/ledger.ts';
import { openTestStore } from '../../../support/store.ts';

describe('staff', () => {
  const lin = staffSchema.parse({ staffId: 's-1', name: '林', role: 'cashier' });
  const id = 's-1' as StaffId;

  test('are listed by id and found with their PIN state, also after a restart', () => {
    const till = openTestStore();
    const wang = staffSchema.parse({
      staffId: 's-0',
      name: 'Wang',
      role: 'manager',
      active: false,
    });
    till.store.staff.upsert(lin, 'hash-1');
    till.store.staff.upsert(wang, 'hash-2');
    till.store.staff.setPinFailures(id, 3, 5_000);
    const { staff } = till.reopen();
    expect(staff.list()).toEqual([wang, lin]);
    expect(staff.byId(id)).toEqual({
      ...lin,
      pinHash: 'hash-1',
      wrongPins: 3,
      lockedUntilMs: 5_000,
    });
    expect(staff.byId('s-9' as StaffId)).toBeUndefined();
  });

  test('keep their wrong tries when renamed, and lose them with a changed PIN', () => {
    const { staff } = openTestStore().store;
    staff.upsert(lin, 'hash-1');
    staff.setPinFailures(id, 3, 5_000);
    staff.upsert({ ...lin, name: 'Lin' }, 'hash-1');
    expect(staff.byId(id)).toMatchObject({ name: 'Lin', wrongPins: 3, lockedUntilMs: 5_000 });
    staff.upsert(lin, 'hash-2');
    expect(staff.byId(id)).toMatchObject({ pinHash: 'hash-2', wrongPins: 0, lockedUntilMs: 0 });
  });
});

describe('articles', () => {
  const milk = articleSchema.parse({
    sku: 'A-1',
    gtin: '6901234567892',
    name: { 'zh-CN': '鲜牛奶 950ml', en: 'Fresh milk 100%' },
    category: 'dairy',
    priceMinor: 1_590,
  });
  const tea = articleSchema.parse({
    ...milk,
    sku: 'A-0',
    gtin: '96385074',
    name: { 'zh-CN': '奶茶', en: 'Milk tea' },
  });

  test('are found by SKU and by GTIN in any of its lengths', () => {
    const { articles } = openTestStore().store;
    articles.upsert([milk, tea]);
    expect(articles.bySku('A-1')).toEqual(milk);
    expect(['6901234567892', '06901234567892'].map((gtin) => articles.byGtin(gtin)?.sku)).toEqual([
      'A-1',
      'A-1',
    ]);
    expect(
      ['96385074', '000096385074', '00000096385074'].map((gtin) => articles.byGtin(gtin)?.sku),
    ).toEqual(['A-0', 'A-0', 'A-0']);
    expect([articles.bySku('A'), articles.byGtin('6901234567893')]).toEqual([undefined, undefined]);
  });

  test('are searched by a part of a name in either language, in order of SKU', () => {
    const { articles } = openTestStore().store;
    articles.upsert([milk, tea]);
    const found = (query: string, limit = 10) =>
      articles.search(query, limit).map(({ sku }) => sku);
    expect(found('奶')).toEqual(['A-0', 'A-1']);
    expect(found('奶', 1)).toEqual(['A-0']);
    expect(found(' MILK ')).toEqual(['A-0', 'A-1']);
    expect(found('100%')).toEqual(['A-1']);
    expect(found('%')).toEqual(['A-1']);
    expect(found('_')).toEqual([]);
    expect(found('6901234567892')).toEqual(['A-1']);
    expect(found('A-0')).toEqual(['A-0']);
  });

  test('are listed from the first SKU on where nothing was typed', () => {
    const { articles } = openTestStore().store;
    articles.upsert([milk, tea]);
    expect(articles.search(' ', 1)).toEqual([tea]);
    expect(articles.search('', 10)).toEqual([tea, milk]);
    expect(articles.search('', 0)).toEqual([]);
  });

  test('are replaced by SKU', () => {
    const { articles } = openTestStore().store;
    articles.upsert([milk]);
    articles.upsert([{ ...milk, gtin: undefined, priceMinor: 1 }]);
    expect(articles.bySku('A-1')?.priceMinor).toBe(1);
    expect(articles.byGtin('6901234567892')).toBeUndefined();
  });
});

describe('documents', () => {
  const set = (version: number, body = `{"v":${version}}`): StoredDocument => ({
    kind: 'rule-set',
    version,
    body,
    installedAtMs: 1,
  });

  test('only go up, keep old versions, and take the same one twice', () => {
    const till = openTestStore();
    const { documents } = till.store;
    expect(documents.current('rule-set')).toBeUndefined();
    documents.install(set(2));
    documents.install(set(5));
    documents.install(set(2));
    expect(() => documents.install(set(3))).toThrow('not above the installed 5');
    expect(() => documents.install(set(5, '{}'))).toThrow('not above the installed 5');
    expect(till.reopen().documents.current('rule-set')).toEqual(set(5));
    expect(till.store.documents.byVersion('rule-set', 2)).toEqual(set(2));
    expect(till.store.documents.byVersion('policy', 2)).toBeUndefined();
    expect(till.store.documents.allOfVersion('rule-set', 2)).toEqual([set(2)]);
    expect(till.store.documents.allOfVersion('policy', 2)).toEqual([]);
  });

  test('hold the place that a fresh database was made for', () => {
    expect(JSON.parse(openTestStore().store.documents.current('place')?.body ?? '')).toMatchObject({
      tillId: 'till-1',
    });
  });
});

describe('replies by idempotency key', () => {
  test('are found for their client and key only, and a key is written once', () => {
    const { store } = openTestStore();
    const row = store.transaction(() => appendEntry(store, 1));
    const stored = {
      clientId: 'pos-1',
      key: 'key-12345678',
      operation: 'commit' as const,
      target: 'e-1',
      bodyHash: 'b'.repeat(64),
      reply: testReply(row),
      atMs: 1_000,
    };
    store.replies.put(stored);
    expect(store.replies.get('pos-1', 'key-12345678')).toEqual(stored);
    expect(store.replies.get('pos-2', 'key-12345678')).toBeUndefined();
    expect(() => store.replies.put(stored)).toThrow('UNIQUE');
    expect(store.replies.pruneBefore(1_000)).toBe(0);
    expect(store.replies.pruneBefore(1_001)).toBe(1);
    expect(store.replies.get('pos-1', 'key-12345678')).toBeUndefined();
  });
});

describe('paired clients', () => {
  const pos = pairedClientSchema.parse({
    clientId: 'c-1',
    name: 'POS',
    scopes: ['identify', 'basket'],
    origin: 'https://pos.example.cn',
    pairedAt: toInstant(0),
  });
  const id = 'c-1' as ClientId;

  test('are found by the hash of their token until they are revoked', () => {
    const till = openTestStore();
    till.store.clients.add(pos, 'hash-1');
    till.store.clients.add({ ...pos, clientId: 'c-2' as ClientId, origin: undefined }, 'hash-2');
    const { clients } = till.reopen();
    expect(clients.byTokenHash('hash-1')).toEqual(pos);
    expect(clients.byTokenHash('hash-3')).toBeUndefined();
    expect(clients.origins()).toEqual(['https://pos.example.cn']);
    expect(clients.list()).toHaveLength(2);
    expect([clients.revoke(id), clients.revoke(id)]).toEqual([true, false]);
    expect(clients.byTokenHash('hash-1')).toBeUndefined();
    expect([clients.origins(), clients.list().length]).toEqual([[], 1]);
  });

  test('are marked as seen at most once an interval', () => {
    const { clients } = openTestStore().store;
    clients.add(pos, 'hash-1');
    const seen = () => clients.byTokenHash('hash-1')?.lastSeenAt;
    expect(seen()).toBeUndefined();
    for (const [atMs, expected] of [
      [1_000, 1_000],
      [1_000 + TOUCH_INTERVAL_MS - 1, 1_000],
      [1_000 + TOUCH_INTERVAL_MS, 1_000 + TOUCH_INTERVAL_MS],
    ] as const) {
      clients.touch(id, atMs);
      expect(seen()).toBe(toInstant(expected));
    }
  });
});

describe('screen tokens', () => {
  test('count until they expire', () => {
    const { screens } = openTestStore().store;
    screens.add('hash', 1_000);
    expect([
      screens.valid('hash', 999),
      screens.valid('hash', 1_000),
      screens.valid('other', 0),
    ]).toEqual([true, false, false]);
    screens.prune(999);
    expect(screens.valid('hash', 999)).toBe(true);
    screens.prune(1_000);
    expect(screens.valid('hash', 0)).toBe(false);
  });
});

describe('baskets', () => {
  const basket = (basketId: string, more: Partial<BasketRow> = {}): BasketRow => ({
    basketId: basketId as BasketId,
    evaluationId: null,
    state: 'EVALUATED',
    memberId: null,
    identification: null,
    itemCount: 3,
    payableMinor: 990,
    updatedAtMs: 1_000,
    businessDay: '2026-11-21',
    ...more,
  });

  test('are open until committed or voided, the newest first', () => {
    const till = openTestStore();
    for (const row of [
      basket('b-1'),
      basket('b-2', {
        updatedAtMs: 2_000,
        memberId: 'm-1' as MemberId,
        identification: { identificationId: 'i-1' } as never,
      }),
      basket('b-3', { state: 'COMMITTED' }),
      basket('b-4', { state: 'VOIDED' }),
      basket('b-5', { state: 'HELD', updatedAtMs: 3_000 }),
    ]) {
      till.store.baskets.put(row);
    }
    const { baskets } = till.reopen();
    expect(baskets.open(10).map(({ basketId }) => basketId)).toEqual(['b-5', 'b-2', 'b-1']);
    expect(baskets.open(1)).toHaveLength(1);
    expect(baskets.get('b-2' as BasketId)).toMatchObject({
      memberId: 'm-1',
      identification: { identificationId: 'i-1' },
    });
    baskets.put(basket('b-1', { payableMinor: 1 }));
    expect(baskets.get('b-1' as BasketId)).toEqual(basket('b-1', { payableMinor: 1 }));
    expect(baskets.pruneBefore(2_000)).toBe(3);
    expect(baskets.get('b-1' as BasketId)).toBeUndefined();
  });
});

describe('visits', () => {
  const member = 'm-1' as MemberId;

  test('keep the first and last sighting of a day, also when the clock is set back between them', () => {
    const { visits } = openTestStore().store;
    for (const atMs of [5_000, 9_000, 2_000]) visits.seen(member, '2026-11-21', atMs);
    visits.seen('m-2' as MemberId, '2026-11-21', 1_000);
    visits.seen(member, '2026-11-20', 1);
    visits.served(member, '2026-11-21', 7_000);
    expect(visits.ofDay('2026-11-21')).toEqual([
      { memberId: 'm-2', day: '2026-11-21', firstSeenMs: 1_000, lastSeenMs: 1_000, servedMs: null },
      {
        memberId: 'm-1',
        day: '2026-11-21',
        firstSeenMs: 2_000,
        lastSeenMs: 9_000,
        servedMs: 7_000,
      },
    ]);
    expect(visits.pruneBefore('2026-11-21')).toBe(1);
    expect([visits.ofDay('2026-11-20').length, visits.ofDay('2026-11-21').length]).toEqual([0, 2]);
  });

  test('of somebody served without being seen first are noted all the same', () => {
    const { visits } = openTestStore().store;
    visits.served(member, '2026-11-21', 7_000);
    expect(visits.ofDay('2026-11-21')).toMatchObject([
      { firstSeenMs: 7_000, lastSeenMs: 7_000, servedMs: 7_000 },
    ]);
  });
});

describe('outbox, audit and meta', () => {
  test('the outbox counts what waits', () => {
    const { store } = openTestStore();
    commitSale(store, 1, 'm-1' as MemberId);
    store.outbox.append({ kind: 'release', atMs: 1, allowanceId: 'e-1.0' });
    store.audit.append({ atMs: 1, staffId: null, action: 'looked', detail: {} });
    expect(store.outbox.waiting()).toBe(3);
  });

  test('the audit log answers the newest first', () => {
    const { audit } = openTestStore().store;
    const rows = ['a', 'b', 'c'].map((action) => ({
      atMs: 1,
      staffId: 's-1' as StaffId,
      action,
      detail: { why: '原因' },
    }));
    rows.forEach(audit.append);
    expect(audit.recent(2)).toEqual([rows[2], rows[1]]);
  });

  test('a value is kept under its name and replaced', () => {
    const till = openTestStore();
    till.store.meta.set('a', '1');
    till.store.meta.set('a', '2');
    expect([till.reopen().meta.get('a'), till.store.meta.get('b')]).toEqual(['2', undefined]);
  });
});
