import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MEMBER_MAX_BUCKETS } from '../../../../agent/contract/evaluation-input.ts';
import type { LotId } from '../../../../agent/contract/ids.ts';
import { plainPhone } from '../../../../agent/domain/identify/plain-phone.ts';
import { canonicalJson } from '../../../../agent/domain/ledger/canonical-json.ts';
import { inSpendingOrder, pointsBalance } from '../../../../agent/domain/points/lots.ts';
import {
  applyMovements,
  emptyAccount,
  LOTS_KEPT_MAX,
  lotsOf,
  markBooked,
  mergeAccounts,
} from '../../../../sync/hq/books/account.ts';
import { fitAccount } from '../../../../sync/hq/books/fit-account.ts';
import { illFormedPlaces, wellFormed } from '../../../../sync/hq/books/ill-formed-text.ts';
import { phoneForms } from '../../../../sync/hq/books/phone-forms.ts';
import { TRANSACTION_TRIES_MAX, transact } from '../../../../sync/hq/books/transact.ts';
import type { HqDatabase } from '../../../../sync/hq/database/database.ts';
import { databaseError } from '../../../../sync/hq/database/hq-database-error.ts';
import { pointsAccountSchema, ROW_MAX_BYTES } from '../../../../sync/protocol/feed.ts';

const TODAY = '2026-11-21';
const source = { earnedAt: `${TODAY}T00:00:00.000Z`, name: 'till:till-1', today: TODAY };
const lotFacts = (n: number, more: object = {}) => ({
  earnedAt: new Date(Date.UTC(2026, 0, 1 + n)).toISOString(),
  channel: 'store' as const,
  bucket: 'base',
  source: `sale:${n}`,
  ...more,
});
const sum = (account: Parameters<typeof lotsOf>[0]) => pointsBalance(lotsOf(account), TODAY);

describe('an account of points', () => {
  test('holds every movement, whatever their order and the number of lots', () => {
    const movement = fc.record({
      lotId: fc.integer({ min: 0, max: 400 }).map((n) => `lot-${n}`),
      delta: fc.integer({ min: -1_000, max: 1_000 }),
    });
    fc.assert(
      fc.property(fc.array(movement, { maxLength: 900 }), (movements) => {
        const { account } = applyMovements(emptyAccount('m-1'), movements, source);
        expect(sum(account)).toBe(movements.reduce((total, { delta }) => total + delta, 0));
        expect(account.lots.length).toBeLessThanOrEqual(LOTS_KEPT_MAX);
      }),
      { numRuns: 30 },
    );
  });

  test(`keeps ${LOTS_KEPT_MAX} lots apart; one more drops an empty one, else joins the oldest to the next of later expiry`, () => {
    const earn = (n: number, more: object = {}) => ({
      lotId: `lot-${n}`,
      delta: 10,
      lot: lotFacts(n, { expiresOn: '2027-01-01', ...more }),
    });
    const many = Array.from({ length: LOTS_KEPT_MAX }, (_, n) => earn(n));
    const full = applyMovements(emptyAccount('m-1'), many, source).account;
    expect(full.lots).toHaveLength(LOTS_KEPT_MAX);
    const empty = applyMovements(full, [{ lotId: 'lot-7', delta: -10 }, earn(500)], source).account;
    expect(empty.lots.some((lot) => lot.lotId === 'lot-7')).toBe(false);
    expect(empty.lots).toHaveLength(LOTS_KEPT_MAX);
    const joined = applyMovements(full, [earn(500)], source).account;
    expect(joined.lots.find((lot) => lot.lotId === 'lot-0')).toBeUndefined();
    expect(joined.lots.find((lot) => lot.lotId === 'lot-1')).toMatchObject({ points: 20 });
    expect(sum(joined)).toBe(10 * (LOTS_KEPT_MAX + 1));
    // Never to an earlier expiry, nor to points that buy something else.
    const guarded = applyMovements(
      emptyAccount('m-1'),
      [
        { lotId: 'first', delta: 10, lot: lotFacts(-1, { expiresOn: '2028-01-01' }) },
        { lotId: 'tea', delta: 10, lot: lotFacts(-2, { bucket: 'tea', expiresOn: '2027-01-01' }) },
        ...many.slice(1),
      ],
      source,
    ).account;
    expect(guarded.lots.find((lot) => lot.lotId === 'first')).toMatchObject({ points: 10 });
    expect(guarded.lots.find((lot) => lot.lotId === 'tea')).toMatchObject({ points: 10 });
  });

  test('joins lots that wait to lots that wait as long or longer, never to points that can be spent before', () => {
    const lot = (lotId: string, n: number, more: object = {}) => ({
      lotId,
      delta: 10,
      lot: lotFacts(n, { expiresOn: '2027-01-01', ...more }),
    });
    const many = Array.from({ length: LOTS_KEPT_MAX - 2 }, (_, n) => lot(`lot-${n}`, n + 10));
    const joined = (first: object, second: object) =>
      applyMovements(
        emptyAccount('m-1'),
        [lot('first', 0, first), lot('second', 1, second), ...many, lot('one-more', 500)],
        source,
      ).account.lots.map(({ lotId, points, availableOn }) => ({ lotId, points, availableOn }));
    const late = { availableOn: '2026-12-05' };
    // To the next that can be spent from the same day on, though another stands before it.
    expect(joined({}, late)).toContainEqual({ lotId: 'lot-0', points: 20, availableOn: undefined });
    const waiting = joined({ availableOn: '2026-12-01' }, late);
    expect(waiting).toContainEqual({ lotId: 'second', points: 20, availableOn: '2026-12-05' });
    // The first waits longest of all, so the second is the oldest that finds one.
    const kept = joined({ availableOn: '2026-12-06' }, {});
    expect(kept).toContainEqual({ lotId: 'first', points: 10, availableOn: '2026-12-06' });
    expect(kept).toContainEqual({ lotId: 'lot-0', points: 20, availableOn: undefined });
  });

  test('with the most lots, each as long as it can be, and hundreds of tills still fits a row of the feed', () => {
    const long = (n: number) => `${n}`.padStart(64, 'x');
    const movements = Array.from({ length: LOTS_KEPT_MAX }, (_, n) => ({
      lotId: long(n),
      delta: -1_000_000_000,
      lot: lotFacts(n, { bucket: 'b'.repeat(32), source: long(n), expiresOn: '2027-01-01' }),
    }));
    let { account } = applyMovements(emptyAccount('m'.repeat(64)), movements, source);
    for (let n = 0; n < 400; n++)
      account = markBooked(account, `${long(n)}:${long(n)}`.slice(0, 100), n);
    expect(Buffer.byteLength(JSON.stringify(account))).toBeLessThanOrEqual(ROW_MAX_BYTES);
    expect(pointsAccountSchema.safeParse(account).success).toBe(true);
  });

  describe('too wide for a row of the feed', () => {
    const origin = (n: number) => `till-${n}:${'i'.repeat(64)}`;
    const wide = (origins: number) => {
      const lots = Array.from({ length: LOTS_KEPT_MAX }, (_, n) => ({
        lotId: `lot-${n}`,
        delta: 10,
        lot: lotFacts(n, { source: 's'.repeat(64) }),
      }));
      const { account } = applyMovements(emptyAccount('m-1'), lots, source);
      const booked = Array.from({ length: origins }, (_, n) => [origin(n + 1), n + 1]);
      return { ...account, booked: Object.fromEntries(booked) as Record<string, number> };
    };
    const bytes = (account: object) => Buffer.byteLength(canonicalJson(account));
    /** Pads one lot so that the row has this size to the byte. */
    const ofSize = (account: ReturnType<typeof wide>, size: number) => {
      const [first, ...lots] = account.lots;
      if (first === undefined) throw new Error('no lot');
      const more = size - bytes(account);
      return { ...account, lots: [{ ...first, bucket: 'b'.repeat(4 + more) }, ...lots] };
    };

    test('stays as it is up to the last byte', () => {
      const full = ofSize(wide(700), ROW_MAX_BYTES);
      expect(bytes(full)).toBe(ROW_MAX_BYTES);
      expect(fitAccount(full, () => true, TODAY)).toBe(full);
      const over = fitAccount(ofSize(wide(700), ROW_MAX_BYTES + 1), () => true, TODAY);
      expect(over.booked).toEqual({});
      expect(over.lots).toHaveLength(LOTS_KEPT_MAX);
    });

    test('forgets the databases that are gone and no other, where that is enough', () => {
      const account = wide(1_500);
      expect(bytes(account)).toBeGreaterThan(ROW_MAX_BYTES);
      const fitted = fitAccount(account, (one) => one !== origin(7), TODAY);
      expect(fitted.booked).toEqual({ [origin(7)]: 7 });
      expect(fitted.lots).toEqual(account.lots);
    });

    test('joins lots before it forgets what a living till has booked, and the points stay', () => {
      const account = wide(1_200);
      const fitted = fitAccount(account, () => false, TODAY);
      expect(bytes(fitted)).toBeLessThanOrEqual(ROW_MAX_BYTES);
      expect(fitted.booked).toEqual(account.booked);
      expect(fitted.lots.length).toBeLessThan(LOTS_KEPT_MAX);
      expect(sum(fitted)).toBe(sum(account));
    });

    test('fits whatever comes, and keeps the tills that booked most', () => {
      const account = wide(3_000);
      const fitted = fitAccount(account, () => false, TODAY);
      expect(bytes(fitted)).toBeLessThanOrEqual(ROW_MAX_BYTES);
      expect(bytes(fitted)).toBeGreaterThan(ROW_MAX_BYTES - 2 * origin(3_000).length);
      expect(fitted.booked[origin(3_000)]).toBe(3_000);
      expect(fitted.booked[origin(1)]).toBeUndefined();
      expect(sum(fitted)).toBe(sum(account));
    });
  });

  test(`drops what has expired before it joins anything, so that no point comes back`, () => {
    const gone = { lotId: 'gone', delta: 50, lot: lotFacts(-9, { expiresOn: '2026-11-20' }) };
    const last = { lotId: 'last', delta: 7, lot: lotFacts(-8, { expiresOn: TODAY }) };
    const many = Array.from({ length: LOTS_KEPT_MAX - 1 }, (_, n) => ({
      lotId: `lot-${n}`,
      delta: 1,
      lot: lotFacts(n),
    }));
    const { account } = applyMovements(emptyAccount('m-1'), [gone, last, ...many], source);
    expect(account.lots.map(({ lotId }) => lotId)).not.toContain('gone');
    expect(account.lots).toHaveLength(LOTS_KEPT_MAX);
    expect(sum(account)).toBe(LOTS_KEPT_MAX - 1 + 7);
  });

  test('joins lots of which the older ones last longer', () => {
    const many = Array.from({ length: LOTS_KEPT_MAX + 1 }, (_, n) => ({
      lotId: `lot-${n}`,
      delta: 1,
      lot: lotFacts(n, { expiresOn: `${3_000 - n}-01-01` }),
    }));
    const { account } = applyMovements(emptyAccount('m-1'), many, source);
    expect(account.lots).toHaveLength(LOTS_KEPT_MAX);
    expect(sum(account)).toBe(LOTS_KEPT_MAX + 1);
  });

  test('of more categories than a row can hold fits it: those with the fewest points become base', () => {
    const lots = Array.from({ length: 600 }, (_, n) => ({
      lotId: `lot-${n}`.padEnd(64, 'x') as LotId,
      points: n % 7 === 0 ? -n - 1 : n + 1,
      ...lotFacts(n, { bucket: `类别${n}`.padEnd(32, '类'), source: '来'.repeat(64) }),
      ...(n % 5 === 0 ? { availableOn: '2026-12-01' } : {}),
    }));
    const account = { ...emptyAccount('m-1'), lots };
    const fitted = fitAccount(account, () => false, TODAY);
    expect(Buffer.byteLength(canonicalJson(fitted))).toBeLessThanOrEqual(ROW_MAX_BYTES);
    expect(pointsAccountSchema.safeParse(fitted).success).toBe(true);
    const all = (of: typeof account) => of.lots.reduce((total, { points }) => total + points, 0);
    expect(all(fitted as typeof account)).toBe(all(account));
    const buckets = new Set(fitted.lots.map(({ bucket }) => bucket));
    expect(buckets.size).toBe(MEMBER_MAX_BUCKETS + 1);
    expect(buckets.has(lots[599]?.bucket ?? '')).toBe(true);
    expect(buckets.has(lots[0]?.bucket ?? '')).toBe(false);
  });

  test('makes a lot of an id that is none, the same each time', () => {
    const wild = { lotId: 'a lot/with spaces', delta: 5 };
    const { account } = applyMovements(emptyAccount('m-1'), [wild, wild], source);
    expect(account.lots).toMatchObject([{ points: 10 }]);
    expect(pointsAccountSchema.safeParse(account).success).toBe(true);
  });

  test('moves to another one whole, and neither forgets what tills have booked', () => {
    const from = markBooked(
      applyMovements(
        emptyAccount('a'),
        [
          { lotId: 'x', delta: 5 },
          { lotId: 'y', delta: -2 },
        ],
        source,
      ).account,
      'till-1:i',
      9,
    );
    const to = markBooked(
      applyMovements(emptyAccount('b'), [{ lotId: 'x', delta: 1 }], source).account,
      'till-1:i',
      4,
    );
    const merged = mergeAccounts(from, to, TODAY);
    expect(merged.from).toMatchObject({ lots: [], booked: { 'till-1:i': 9 } });
    expect(merged.to).toMatchObject({
      lots: [
        { lotId: 'x', points: 6 },
        { lotId: 'y', points: -2 },
      ],
      booked: { 'till-1:i': 9 },
    });
  });

  test('is spent first from what expires first, last from what never does', () => {
    const { account } = applyMovements(
      emptyAccount('m-1'),
      [
        { lotId: 'never', delta: 1, lot: lotFacts(0) },
        { lotId: 'later', delta: 1, lot: lotFacts(1, { expiresOn: '2027-02-01' }) },
        { lotId: 'soon', delta: 1, lot: lotFacts(2, { expiresOn: '2027-01-01' }) },
      ],
      source,
    );
    expect(inSpendingOrder(lotsOf(account)).map((lot) => lot.lotId)).toEqual([
      'soon',
      'later',
      'never',
    ]);
  });
});

describe('a phone number', () => {
  test.each([
    ['13800000001', '13800000001'],
    ['+86 138-0000-0001', '13800000001'],
    ['008613800000001', '13800000001'],
    ['862112345678', '862112345678'],
    ['12345678', '12345678'],
    ['1234567', undefined],
    ['00006666', '00006666'],
    ['+4930123456', '4930123456'],
    ['1234567890123456', undefined],
    ['1380000a001', undefined],
    ['', undefined],
  ])('%s is %s', (text, plain) => {
    expect(plainPhone(text)).toBe(plain);
  });

  test('has one form: it stays as it is when read again', () => {
    const typed = fc.stringMatching(/^\+?(00|86|0086)?[0-9 -]{6,16}$/);
    fc.assert(
      fc.property(typed, (text) => {
        const plain = plainPhone(text);
        if (plain !== undefined) expect(plainPhone(plain)).toBe(plain);
      }),
    );
  });

  test('stands in the records in one of its forms', () => {
    expect(phoneForms('13800000001')).toContain('+8613800000001');
    expect(phoneForms('2112345678')).toEqual(['2112345678', '+2112345678']);
  });
});

describe('text that cannot be kept', () => {
  test('is found wherever it stands', () => {
    expect(illFormedPlaces({ a: ['x', { b: 'y\0' }], c: '\ud800' })).toEqual(['a.1.b', 'c']);
    expect(illFormedPlaces({ 'k\0': 1 })).toEqual(['']);
    expect(illFormedPlaces({ a: '\\u0000', b: null, c: 3, d: '😀' })).toEqual([]);
  });

  test('is replaced character by character; everything else stays', () => {
    const value = { 'k\0': ['a\ud800b', 3, null, { name: '😀' }] };
    expect(wellFormed(value)).toEqual({ 'k\ufffd': ['a\ufffdb', 3, null, { name: '😀' }] });
  });
});

describe('a booking that meets others', () => {
  const failing = (code: string) => {
    let tries = 0;
    const db = {
      async transaction() {
        tries++;
        throw databaseError(code, null, 'no');
      },
    } as unknown as HqDatabase;
    return { db, log: () => {}, tries: () => tries };
  };
  const work = async () => ({ ok: true, value: 1 }) as const;

  test.each(['40001', '40P01', '23505'])(
    'is begun again, %s, and after some tries HQ is busy',
    async (code) => {
      const deps = failing(code);
      expect(await transact(deps, work)).toEqual({ ok: false, error: { code: 'busy' } });
      expect(deps.tries()).toBe(TRANSACTION_TRIES_MAX);
    },
  );

  test('is not begun again where no try can help', async () => {
    const deps = failing('22P02');
    await expect(transact(deps, work)).rejects.toThrow('no');
    expect(deps.tries()).toBe(1);
  });

  test('is told at once that HQ is busy where too many wait', async () => {
    const deps = failing('53300');
    expect(await transact(deps, work)).toEqual({ ok: false, error: { code: 'busy' } });
    expect(deps.tries()).toBe(1);
  });
});
