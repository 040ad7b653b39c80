import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { memberSchema } from '../../../../agent/contract/member.ts';
import { MONEY_MAX_MINOR } from '../../../../agent/contract/money.ts';
import { plainPhone } from '../../../../agent/domain/identify/plain-phone.ts';
import { canonicalJson } from '../../../../agent/domain/ledger/canonical-json.ts';
import { pointsBalance } from '../../../../agent/domain/points/lots.ts';
import {
  applyMovements,
  emptyAccount,
  inSpendingOrder,
  LOTS_KEPT_MAX,
  lotsOf,
  markBooked,
  mergeAccounts,
} from '../../../../sync/hq/books/account.ts';
import { countSpend } from '../../../../sync/hq/books/count-spend.ts';
import { fitAccount } from '../../../../sync/hq/books/fit-account.ts';
import { illFormedPlaces, wellFormed } from '../../../../sync/hq/books/ill-formed-text.ts';
import type { MemberBody } from '../../../../sync/hq/books/member-body.ts';
import { phoneForms } from '../../../../sync/hq/books/phone-forms.ts';
import { TRANSACTION_TRIES_MAX, transact } from '../../../../sync/hq/books/transact.ts';
import type { HqDatabase } from '../../../../sync/hq/database/database.ts';
import { databaseError } from '../../../../sync/hq/database/hq-database-error.ts';
import { pointsAccountSchema, ROW_MAX_BYTES } from '../../../../sync/protocol/feed.ts';

const source = { earnedAt: '2026-11-21T00:00:00.000Z', name: 'till:till-1' };
const lotFacts = (n: number, more: object = {}) => ({
  earnedAt: new Date(Date.UTC(2026, 0, 1 + n)).toISOString(),
  channel: 'store' as const,
  bucket: 'base',
  source: `sale:${n}`,
  ...more,
});
const sum = (account: Parameters<typeof lotsOf>[0]) => pointsBalance(lotsOf(account), '2026-11-21');

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
      expect(fitAccount(full, () => true)).toBe(full);
      const over = fitAccount(ofSize(wide(700), ROW_MAX_BYTES + 1), () => true);
      expect(over.booked).toEqual({});
      expect(over.lots).toHaveLength(LOTS_KEPT_MAX);
    });

    test('forgets the databases that are gone and no other, where that is enough', () => {
      const account = wide(1_500);
      expect(bytes(account)).toBeGreaterThan(ROW_MAX_BYTES);
      const fitted = fitAccount(account, (one) => one !== origin(7));
      expect(fitted.booked).toEqual({ [origin(7)]: 7 });
      expect(fitted.lots).toEqual(account.lots);
    });

    test('joins lots before it forgets what a living till has booked, and the points stay', () => {
      const account = wide(1_200);
      const fitted = fitAccount(account, () => false);
      expect(bytes(fitted)).toBeLessThanOrEqual(ROW_MAX_BYTES);
      expect(fitted.booked).toEqual(account.booked);
      expect(fitted.lots.length).toBeLessThan(LOTS_KEPT_MAX);
      expect(sum(fitted)).toBe(sum(account));
    });

    test('fits whatever comes, and keeps the tills that booked most', () => {
      const account = wide(3_000);
      const fitted = fitAccount(account, () => false);
      expect(bytes(fitted)).toBeLessThanOrEqual(ROW_MAX_BYTES);
      expect(bytes(fitted)).toBeGreaterThan(ROW_MAX_BYTES - 2 * origin(3_000).length);
      expect(fitted.booked[origin(3_000)]).toBe(3_000);
      expect(fitted.booked[origin(1)]).toBeUndefined();
      expect(sum(fitted)).toBe(sum(account));
    });
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
    const merged = mergeAccounts(from, to);
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
    expect(inSpendingOrder(account).map((lot) => lot.lotId)).toEqual(['soon', 'later', 'never']);
  });
});

describe("a member's counters", () => {
  const member = memberSchema.parse({
    memberId: 'm-1',
    name: '王小明',
    tier: 'silver',
    updatedAt: '2026-11-21T00:00:00.000Z',
  });
  const tiers = [
    { tier: 'gold', yearSpendMinorFrom: 1_000 },
    { tier: 'silver', yearSpendMinorFrom: 100 },
  ];
  const tierAfter = (tier: string, spendMinor: number) =>
    countSpend({ ...member, tier }, { spendMinor, orders: 1, year: 2026 }, tiers).tier;

  test('a tier rises at its bound and not one fen before', () => {
    expect(tierAfter('silver', 999)).toBe('silver');
    expect(tierAfter('silver', 1_000)).toBe('gold');
    expect(tierAfter('gold', 0)).toBe('gold');
    expect(tierAfter('newcomer', 99)).toBe('newcomer');
    expect(tierAfter('newcomer', 100)).toBe('silver');
  });

  test('a tier that goods reached goes with them when they come back, one that was given stays', () => {
    const book = (before: MemberBody, spendMinor: number, year = 2026) =>
      countSpend(before, { spendMinor, orders: 0, year }, tiers);
    const risen = book(member, 1_000);
    expect([risen.tier, risen.tierGiven]).toEqual(['gold', 'silver']);
    expect(book(risen, -1)).toMatchObject({ tier: 'silver' });
    expect(book(risen, -1)).not.toHaveProperty('tierGiven');
    expect(book({ ...member, tier: 'gold' }, -1).tier).toBe('gold');
    // The year after still has it, whatever it sells itself; what comes back late of the year before takes it away.
    const after = book(risen, 5, 2027);
    expect(after).toMatchObject({ tier: 'gold', yearSpendMinor: 5 });
    expect(book(after, -1, 2026)).toMatchObject({ tier: 'silver', yearSpendMinor: 5 });
    expect(book(after, 5, 2028)).toMatchObject({ tier: 'gold' });
    expect(book(risen, 5, 2028)).toMatchObject({ tier: 'gold' });
  });

  test('without steps a tier stays as it is over bookings and years, and only sums count', () => {
    const risen = { ...member, tier: 'gold', tierGiven: 'silver', yearSpendMinor: 1_000 };
    const book = (before: MemberBody, year: number, steps: typeof tiers = []) =>
      countSpend(before, { spendMinor: 5, orders: 1, year }, steps);
    const same = book(risen, 2026);
    expect(same).toMatchObject({ tier: 'gold', tierGiven: 'silver', yearSpendMinor: 1_005 });
    // With the steps back, the sums decide as if nothing had been.
    expect(book({ ...same, yearSpendMinor: 0 }, 2026, tiers).tier).toBe('silver');
    for (const year of [2027, 2028]) {
      const turned = book(risen, year);
      expect(turned).toMatchObject({ tier: 'gold', yearSpendMinor: 5 });
      expect(turned).not.toHaveProperty('tierGiven');
      expect(book(book(turned, year + 2), year + 2, tiers).tier).toBe('gold');
    }
  });

  test('a tier is the same whatever the order in which bookings of two years arrive', () => {
    const booking = fc.record({
      spendMinor: fc.integer({ min: -1_500, max: 1_500 }),
      orders: fc.constant(0),
      year: fc.constantFrom(2026, 2027),
    });
    const shuffled = fc
      .array(booking, { minLength: 2, maxLength: 8 })
      .chain((list) =>
        fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
      );
    fc.assert(
      fc.property(
        shuffled,
        fc.constantFrom('newcomer', 'silver', 'gold'),
        ([list, other], tier) => {
          const end = (bookings: typeof list) =>
            bookings.reduce((counted: MemberBody, one) => countSpend(counted, one, tiers), {
              ...member,
              tier,
            });
          expect(end(other)).toEqual(end(list));
        },
      ),
    );
  });

  test('neither spend nor orders are shown below zero', () => {
    const counted = countSpend(member, { spendMinor: -5, orders: -1, year: 2026 }, []);
    expect(counted).toMatchObject({ yearSpendMinor: 0, completedOrders: 0, tier: 'silver' });
  });

  test('are the same whatever the order in which bookings arrive, and tills see no more and no less than the bounds', () => {
    const booking = fc.record({
      spendMinor: fc.integer({ min: -MONEY_MAX_MINOR, max: MONEY_MAX_MINOR }),
      orders: fc.constantFrom(-1, 0, 1),
      year: fc.constantFrom(2025, 2026, 2027),
    });
    const shuffled = fc
      .array(booking, { maxLength: 12 })
      .chain((bookings) =>
        fc.tuple(
          fc.constant(bookings),
          fc.shuffledSubarray(bookings, { minLength: bookings.length }),
        ),
      );
    fc.assert(
      fc.property(shuffled, ([bookings, others]) => {
        const countAll = (list: typeof bookings) =>
          list.reduce((counted: MemberBody, one) => countSpend(counted, one, []), member);
        const counted = countAll(bookings);
        expect(countAll(others)).toEqual(counted);
        const year = Math.max(2026, ...bookings.map((one) => one.year));
        const spent = bookings
          .filter((one) => one.year === year)
          .reduce((sum, one) => sum + one.spendMinor, 0);
        const orders = bookings.reduce((sum, one) => sum + one.orders, 0);
        if (bookings.length === 0) return;
        expect(counted.yearSpendMinor).toBe(Math.min(Math.max(spent, 0), MONEY_MAX_MINOR));
        expect(counted.completedOrders).toBe(Math.max(orders, 0));
      }),
    );
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
