import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { memberSchema } from '../../../../agent/contract/member.ts';
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
import { nulPath } from '../../../../sync/hq/books/nul-path.ts';
import { phoneForms, plainPhone } from '../../../../sync/hq/books/phone.ts';
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

  test('neither spend nor orders fall below zero', () => {
    const counted = countSpend(member, { spendMinor: -5, orders: -1, year: 2026 }, []);
    expect(counted).toMatchObject({ yearSpendMinor: 0, completedOrders: 0, tier: 'silver' });
  });
});

describe('a phone number', () => {
  test.each([
    ['13800000001', '13800000001'],
    ['+86 138-0000-0001', '13800000001'],
    ['008613800000001', '13800000001'],
    ['862112345678', '862112345678'],
    ['1234567', '1234567'],
    ['123456', undefined],
    ['1234567890123456', undefined],
    ['1380000a001', undefined],
    ['', undefined],
  ])('%s is %s', (text, plain) => {
    expect(plainPhone(text)).toBe(plain);
  });

  test('stands in the records in one of its forms', () => {
    expect(phoneForms('13800000001')).toContain('+8613800000001');
    expect(phoneForms('2112345678')).toEqual(['2112345678', '+2112345678']);
  });
});

test('a NUL character is found wherever it stands', () => {
  expect(nulPath({ a: ['x', { b: 'y\0' }] })).toBe('a.1.b');
  expect(nulPath({ 'k\0': 1 })).toBe('');
  expect(nulPath({ a: '\\u0000', b: null, c: 3 })).toBeUndefined();
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
