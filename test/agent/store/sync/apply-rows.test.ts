import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MemberId, StaffId } from '../../../../agent/contract/index.ts';
import type { FeedRow } from '../../../../sync/protocol/feed.ts';
import { checkDigests } from '../../../support/check-digests.ts';
import {
  accountRow,
  articleRow,
  cursorAt,
  documentRow,
  memberRow,
  staffRow,
  storeRow,
} from '../../../support/fed-rows.ts';
import { testMember } from '../../../support/ledger.ts';
import { openTestStore, TEST_PLACE } from '../../../support/store.ts';

const M1 = 'm-1' as MemberId;
const HASH = '$argon2id$v=19$m=1024,t=1,p=1$c2FsdHNhbHQ$aGFzaA';

describe('rows of the feed', () => {
  test('of a member are found by id, card, GSRN and phone, and fields that this program does not know stay', () => {
    const till = openTestStore();
    const [table, key, ver, body] = memberRow(1, 5);
    const wider = JSON.stringify({ ...JSON.parse(body ?? ''), shoeSize: 43 });
    expect(till.store.sync.apply([[table, key, ver, wider]])).toEqual({
      changed: [{ table: 'member', key: 'm-1' }],
      ignored: 0,
      refused: [],
    });
    const { members } = till.reopen();
    const member = testMember(1);
    expect(members.byCard(member.cards[0] ?? '')).toMatchObject(member);
    expect(members.byGsrn(member.gsrn ?? '')?.memberId).toBe('m-1');
    expect(members.byPhoneSuffix('0001', 5)).toHaveLength(1);
    const kept = till.withSql((db) => db.prepare('SELECT body, ver FROM members').get());
    expect(kept).toEqual({ body: wider, ver: 5 });
  });

  test('of a member without the fields that are empty read as if they were there', () => {
    const { store } = openTestStore();
    const bare = {
      memberId: 'm-9',
      name: 'Bare',
      tier: 'silver',
      updatedAt: '2026-11-21T08:30:00.000Z',
    };
    store.sync.apply([['member', 'm-9', 1, JSON.stringify(bare)]]);
    expect(store.members.byId('m-9' as MemberId)).toMatchObject({
      cards: [],
      tags: [],
      status: 'active',
    });
  });

  test('of staff, articles, settings and tables that nobody knows yet are kept, and wrong PIN tries stay counted', () => {
    const { store } = openTestStore();
    store.sync.apply([
      staffRow('s-1', 1, HASH),
      articleRow('tea', 1),
      ['setting', 'join', 1, '{"tier":"new"}'],
      ['weather', 'today', 1, 'not even JSON'],
    ]);
    store.staff.setPinFailures('s-1' as StaffId, 3, 99);
    store.sync.apply([staffRow('s-1', 2, HASH)]);
    expect(store.staff.byId('s-1' as StaffId)).toMatchObject({ wrongPins: 3, lockedUntilMs: 99 });
    store.sync.apply([staffRow('s-1', 3, `${HASH}2`)]);
    expect(store.staff.byId('s-1' as StaffId)).toMatchObject({ wrongPins: 0, lockedUntilMs: 0 });
    expect(store.articles.bySku('tea')).toMatchObject({ priceMinor: 990, attributes: [] });
    expect(store.sync.fed('setting', 'join')).toBe('{"tier":"new"}');
    expect(store.sync.fed('weather', 'today')).toBe('not even JSON');
    expect(store.sync.fed('weather', 'tomorrow')).toBeUndefined();
  });

  test('of the till’s own store make another version of its place; those of others do not', () => {
    const { store } = openTestStore();
    store.sync.apply([storeRow(1, { storeTier: 'flagship' })]);
    const place = () => JSON.parse(store.documents.current('place')?.body ?? '');
    expect(place()).toMatchObject({ tillId: TEST_PLACE.tillId, store: { storeTier: 'flagship' } });
    const { version } = store.documents.current('place') ?? {};
    store.sync.apply([
      storeRow(2, { storeTier: 'flagship' }),
      ['store', 'store-2', 3, JSON.stringify({ ...TEST_PLACE.store, storeId: 'store-2' })],
    ]);
    expect(store.documents.current('place')?.version).toBe(version);
  });

  test('move the cursor with them, and not without', () => {
    const till = openTestStore();
    expect(till.store.sync.cursor()).toBeUndefined();
    till.store.sync.apply([memberRow(1, 1)]);
    expect(till.store.sync.cursor()).toBeUndefined();
    till.store.sync.apply([memberRow(2, 2)], cursorAt(7));
    expect(till.reopen().sync.cursor()).toEqual(cursorAt(7));
  });

  test('about a signed document are due until it is installed', () => {
    const { store } = openTestStore();
    store.sync.apply([documentRow(4, 1)]);
    expect(store.sync.documentsDue()).toMatchObject([{ kind: 'rule-set', version: 4 }]);
    store.documents.install({ kind: 'rule-set', version: 4, body: '{}', installedAtMs: 1 });
    expect(store.sync.documentsDue()).toEqual([]);
  });
});

describe('a row counts only above the version that the till has', () => {
  test('whatever the order and however often rows come, the newest of each key stands', () => {
    const keys = ['m-1', 'm-2', 'm-3'];
    const row = fc.tuple(fc.constantFrom(...keys), fc.integer({ min: 1, max: 8 }), fc.boolean());
    const till = openTestStore();
    let round = 0;
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 30 }), (drawn) => {
        const base = ++round * 10;
        // One version is one content, as headquarters numbers them: odd ones are removals where the draw says so.
        const gone = new Map<string, boolean>();
        const rows = drawn.map(([key, ver, isGone]): FeedRow => {
          const id = `${key}:${ver}`;
          if (!gone.has(id)) gone.set(id, isGone);
          const n = Number(key.slice(2));
          const [table, , , body] = memberRow(n, 1, { tier: `t${base + ver}` });
          return [table, key, base + ver, gone.get(id) === true ? null : body];
        });
        till.store.sync.apply(rows);
        for (const key of new Set(rows.map(([, rowKey]) => rowKey))) {
          const newest = rows
            .filter(([, rowKey]) => rowKey === key)
            .reduce((best, one) => (one[2] > best[2] ? one : best));
          const tier = till.store.members.byId(key as MemberId)?.tier;
          expect(tier).toBe(newest[3] === null ? undefined : `t${newest[2]}`);
        }
        expect(till.store.sync.apply(rows)).toMatchObject({ changed: [], ignored: rows.length });
      }),
      { numRuns: 60 },
    );
  });

  test('a removed row that comes late does not come back, not even after a restart', () => {
    const till = openTestStore();
    till.store.sync.apply([memberRow(1, 5)]);
    till.store.sync.apply([['member', 'm-1', 9, null]]);
    till.reopen();
    expect(till.store.sync.apply([memberRow(1, 5), memberRow(1, 8)]).ignored).toBe(2);
    expect(till.store.members.byId(M1)).toBeUndefined();
    expect(till.store.members.byCard(testMember(1).cards[0] ?? '')).toBeUndefined();
    till.store.sync.apply([memberRow(1, 10)]);
    expect(till.store.members.byId(M1)).toBeDefined();
  });

  test('what the till wrote itself gives way to the first word of headquarters', () => {
    const { store } = openTestStore();
    store.members.upsert([testMember(1, { tier: 'provisional' })]);
    store.sync.apply([memberRow(1, 1, { tier: 'gold' })]);
    expect(store.members.byId(M1)?.tier).toBe('gold');
  });

  test('what the till wrote itself does not let a removed row come back', () => {
    const { store } = openTestStore();
    store.sync.apply([['member', 'm-1', 9, null]]);
    store.members.upsert([testMember(1, { tier: 'provisional' })]);
    expect(store.sync.apply([memberRow(1, 8, { tier: 'late' })]).ignored).toBe(1);
    expect(store.members.byId(M1)?.tier).toBe('provisional');
  });

  test('a removal is over once its row came back, so that a lower count may begin again after it', () => {
    const { store } = openTestStore();
    store.sync.apply([['member', 'm-1', 900, null]]);
    store.sync.apply([memberRow(1, 3)], undefined, 'other-timeline');
    store.sync.removeAbsent('member', new Set(), { after: '' });
    expect(store.sync.apply([memberRow(1, 4)]).changed).toHaveLength(1);
  });

  test('rows of another timeline are taken wherever they differ', () => {
    const { store } = openTestStore();
    store.sync.apply([memberRow(1, 90, { tier: 'late' })]);
    expect(
      store.sync.apply([memberRow(1, 50, { tier: 'restored' })], undefined, 'other-timeline'),
    ).toMatchObject({
      changed: [{ key: 'm-1' }],
    });
    expect(store.members.byId(M1)?.tier).toBe('restored');
  });

  test('forgotten removals are those that came before the time given, at most so many', () => {
    const till = openTestStore();
    for (const n of [1, 2, 3]) till.store.sync.apply([['member', `m-${n}`, 5, null]]);
    till.clock.nowMs += 1_000;
    till.store.sync.apply([['member', 'm-4', 5, null]]);
    expect(till.store.sync.pruneTombstones(till.clock.nowMs, 2)).toBe(2);
    expect(till.store.sync.pruneTombstones(till.clock.nowMs, 2)).toBe(1);
    expect(till.store.sync.apply([memberRow(4, 4)]).ignored).toBe(1);
    // Removed once more, it counts from then on.
    till.clock.nowMs += 1_000;
    till.store.sync.apply([['member', 'm-4', 6, null]]);
    expect(till.store.sync.pruneTombstones(till.clock.nowMs, 2)).toBe(0);
  });
});

describe('a row that cannot be read', () => {
  test('is kept aside with the reason, the till keeps what it had, and the rest of the page is applied', () => {
    const { store } = openTestStore();
    store.sync.apply([memberRow(1, 1, { tier: 'gold' })]);
    const applied = store.sync.apply([
      ['member', 'm-1', 2, '{"memberId":"m-1","name":""}'],
      ['article', 'tea', 2, 'no JSON'],
      ['points', 'm-1', 2, '{"memberId":"m-2","lots":[],"booked":{}}'],
      ['member', 'm-9', 2, memberRow(8, 2)[3]],
      ['article', 'milk', 2, articleRow('juice', 2)[3]],
      ['staff', 's-9', 2, staffRow('s-8', 2, HASH)[3]],
      memberRow(2, 3),
    ]);
    expect(applied.refused).toEqual([
      { table: 'member', key: 'm-1', why: expect.stringContaining('name') },
      { table: 'article', key: 'tea', why: 'not JSON' },
      { table: 'points', key: 'm-1', why: 'memberId: is not the key' },
      { table: 'member', key: 'm-9', why: 'memberId: is not the key' },
      { table: 'article', key: 'milk', why: 'sku: is not the key' },
      { table: 'staff', key: 's-9', why: 'staffId: is not the key' },
    ]);
    expect(applied.changed).toEqual([{ table: 'member', key: 'm-2' }]);
    expect(store.members.byId(M1)?.tier).toBe('gold');
  });

  test('is not asked for again, and the next version that can be read takes its place', () => {
    const { store } = openTestStore();
    const broken: FeedRow = ['member', 'm-1', 5, '{}'];
    expect(store.sync.apply([broken]).refused).toHaveLength(1);
    expect(store.sync.apply([broken, memberRow(1, 4)])).toMatchObject({ ignored: 2, refused: [] });
    expect(store.sync.apply([memberRow(1, 6)]).changed).toHaveLength(1);
    expect(store.sync.apply([broken])).toMatchObject({ ignored: 1, refused: [] });
    expect(store.sync.fed('member', 'm-1')).toBeUndefined();
    // Nothing lies aside any more.
    const { applied } = store.sync.readRefused({ table: '', key: '' }, 9);
    expect(applied).toEqual({ changed: [], ignored: 0, refused: [] });
  });

  test('gives no body, and of a table that is kept as it came makes room for the one that can be read', () => {
    const { store } = openTestStore();
    store.sync.apply([
      ['store', 'store-1', 5, '{}'],
      ['document', 'rule-set', 5, '{}'],
    ]);
    expect(store.sync.fed('store', 'store-1')).toBeUndefined();
    expect(store.sync.documentsDue()).toEqual([]);
    store.sync.apply([storeRow(6)]);
    expect(store.sync.fed('store', 'store-1')).toBe(storeRow(6)[3]);
  });
});

describe('removing what a snapshot does not have', () => {
  test('takes fed rows of the range that are absent, and leaves newer ones and those outside', () => {
    const { store } = openTestStore();
    store.sync.apply([1, 2, 3, 4, 5].map((n) => memberRow(n, n === 4 ? 99 : n)));
    const range = { after: 'm-1', to: 'm-4', newestVer: 50 };
    expect(store.sync.removeAbsent('member', new Set(['m-3']), range)).toHaveLength(1);
    const left = [1, 2, 3, 4, 5].filter((n) => store.members.byId(`m-${n}` as MemberId));
    expect(left).toEqual([1, 3, 4, 5]);
    expect(store.sync.removeAbsent('member', new Set(), { after: 'm-3' })).toHaveLength(2);
  });

  test.each([
    ['newer', true],
    ['differing', true],
    ['other-timeline', false],
    [undefined, false],
  ] as const)(
    'leaves who was looked up while the copy came, also where they are older, unless the timeline is another (%s)',
    (mode, stays) => {
      const till = openTestStore();
      const { store } = till;
      store.sync.checks.setKey('5a'.repeat(32));
      while (!store.sync.checks.make(50).done);
      store.sync.apply([memberRow(2, 2)], cursorAt(100));
      store.sync.applyAhead([memberRow(1, 3), memberRow(2, 4)]);
      const range = { after: '', newestVer: 50, ...(mode === undefined ? {} : { mode }) };
      const removed = store.sync.removeAbsent('member', new Set(), range);
      // Of m-2 the feed had told, and the snapshot says that they are gone since.
      expect(removed).toEqual(stays ? ['m-2'] : ['m-1', 'm-2']);
      expect(store.members.byId(M1) !== undefined).toBe(stays);
      expect(till.withSql(checkDigests)).toEqual([]);
      // The feed catches up.
      store.sync.apply([memberRow(1, 3)], cursorAt(101));
      expect(till.withSql(checkDigests)).toEqual([]);
    },
  );

  test('takes what could not be read, so that nobody is told of a row that is no more', () => {
    const { store } = openTestStore();
    const bad = (key: string): FeedRow => ['member', key, 5, '{}'];
    store.sync.apply([bad('m-1'), bad('m-2'), bad('m-3')]);
    store.sync.removeAbsent('member', new Set(['m-2']), { after: '', to: 'm-2' });
    const { applied } = store.sync.readRefused({ table: '', key: '' }, 9);
    expect(applied.refused?.map(({ key }) => key)).toEqual(['m-2', 'm-3']);
  });

  test('keeps who joined at this till until headquarters has sent them', () => {
    const { store } = openTestStore();
    const joined = testMember(7, { memberId: 'join-7' as MemberId });
    store.members.upsert([joined, testMember(8)]);
    store.outbox.append({
      kind: 'join',
      atMs: 1,
      join: {
        provisionalId: joined.memberId,
        phone: '13800000007',
        consentVersion: '1',
        consentChannel: 'spoken',
        staffId: 's-1' as StaffId,
        at: '2026-11-21T08:30:00.000Z',
      },
    });
    expect(store.sync.removeAbsent('member', new Set(), { after: '' })).toHaveLength(1);
    expect(store.members.byId(joined.memberId)).toBeDefined();
    store.sync.apply([['member', 'join-7', 3, JSON.stringify(joined)]]);
    expect(store.sync.removeAbsent('member', new Set(), { after: '' })).toHaveLength(1);
  });

  test('takes lots that lay here before headquarters fed this till', () => {
    const { store } = openTestStore();
    store.points.upsertLots([
      {
        lotId: 'a',
        memberId: 'm-1',
        points: 50,
        earnedAt: '2026-11-01T00:00:00.000Z',
        channel: 'store',
        bucket: 'base',
        source: 'x',
      } as never,
    ]);
    store.sync.apply([accountRow('m-2', 1, { b: 5 })]);
    expect(store.sync.removeAbsent('points', new Set(['m-2']), { after: '' })).toHaveLength(1);
    expect([store.points.balance(M1), store.points.balance('m-2' as MemberId)]).toEqual([0, 5]);
  });
});

test('rows that lie aside are tried again in slices: what can be read counts, the rest stays and says why again', () => {
  const till = openTestStore();
  const bad = (n: number): FeedRow => ['member', `m-${n}`, 5, '{"memberId":7}'];
  till.store.sync.apply([1, 2, 3].map(bad));
  const [, , , readable] = memberRow(2, 5);
  // As a later version of this program would find it.
  till.withSql((db) => db.prepare("UPDATE feed_rows SET body = ? WHERE key = 'm-2'").run(readable));
  const { sync } = till.reopen();
  const first = sync.readRefused({ table: '', key: '' }, 2);
  expect(first).toMatchObject({
    applied: { changed: [{ table: 'member', key: 'm-2' }], refused: [{ key: 'm-1' }] },
    next: { table: 'member', key: 'm-2' },
  });
  const second = sync.readRefused(first.next ?? { table: '', key: '' }, 2);
  expect(second).toMatchObject({ applied: { changed: [], refused: [{ key: 'm-3' }] }, next: null });
  // A slice never begins with the row that the one before ended with.
  const third = sync.readRefused({ table: 'member', key: 'm-1' }, 1);
  expect(third.applied.refused?.map(({ key }) => key)).toEqual(['m-3']);
  expect(till.reopen().members.byId('m-2' as MemberId)).toBeDefined();
});
