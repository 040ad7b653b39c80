import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MEMBER_MAX_MONTHS, memberSchema } from '../../../../agent/contract/member.ts';
import { MONEY_MAX_MINOR } from '../../../../agent/contract/money.ts';
import {
  type Booking,
  type CountedMember,
  countBooking,
} from '../../../../agent/domain/members/count-booking.ts';
import { highestTier } from '../../../../agent/domain/members/highest-tier.ts';

const member: CountedMember = memberSchema.parse({
  memberId: 'm-1',
  name: '王小明',
  tier: 'silver',
  updatedAt: '2026-11-21T00:00:00.000Z',
});
const tiers = [
  { tier: 'gold', yearSpendMinorFrom: 1_000 },
  { tier: 'silver', yearSpendMinorFrom: 100 },
];
const sale = (spendMinor: number, day = '2026-11-21', more: Partial<Booking> = {}): Booking => ({
  spendMinor,
  orders: 1,
  day,
  channel: 'store',
  ...more,
});
const back = (spendMinor: number, day = '2026-11-21') => sale(-spendMinor, day, { orders: 0 });
const count = (bookings: readonly Booking[], before = member, steps = tiers) =>
  bookings.reduce((counted, one) => countBooking(counted, one, steps), before);

describe('spend of months', () => {
  test('counts by the calendar month of the day that the booking counts for', () => {
    const counted = count([sale(300, '2026-10-31'), sale(40, '2026-11-01'), sale(5, '2026-11-30')]);
    expect(counted.monthSpendMinor).toEqual({ '2026-10': 300, '2026-11': 45 });
  });

  test('a return of an earlier month lowers that month and no other', () => {
    const counted = count([sale(300, '2026-10-31'), sale(40), back(100, '2026-10-31')]);
    expect(counted.monthSpendMinor).toEqual({ '2026-10': 200, '2026-11': 40 });
    expect(counted.yearSpendMinor).toBe(240);
  });

  test(`of ${MEMBER_MAX_MONTHS} months all are kept; one more and the oldest goes`, () => {
    const full = count([sale(1, '2025-11-30'), sale(2, '2026-11-01')]);
    expect(full.monthSpendMinor).toEqual({ '2025-11': 1, '2026-11': 2 });
    expect(count([sale(4, '2026-12-01')], full).monthSpendMinor).toEqual({
      '2026-11': 2,
      '2026-12': 4,
    });
    // What is older than that counts for none.
    expect(count([sale(9, '2025-10-31')], full).monthSpendMinor).toEqual(full.monthSpendMinor);
  });

  test('what comes back before its sale is booked is shown as nothing, and the sale meets it', () => {
    const first = count([back(500)]);
    expect(first.monthSpendMinor).toEqual({ '2026-11': 0 });
    expect(count([sale(700)], first).monthSpendMinor).toEqual({ '2026-11': 200 });
  });
});

test('the last purchase of each channel is the latest day of a sale; a return is no purchase', () => {
  const counted = count([
    sale(1, '2026-11-20'),
    sale(1, '2026-11-02'),
    sale(1, '2026-10-05', { channel: 'app' }),
    back(1, '2026-11-21'),
  ]);
  expect(counted.lastPurchaseOn).toEqual({ store: '2026-11-20', app: '2026-10-05' });
  expect(count([back(1)])).not.toHaveProperty('lastPurchaseOn');
});

describe('a tier', () => {
  const risenFrom = (tier: string, ...bookings: Booking[]) =>
    count(bookings, { ...member, tier }).tier;

  test('rises at its bound and not one fen before', () => {
    expect(risenFrom('silver', sale(999))).toBe('silver');
    expect(risenFrom('silver', sale(1_000))).toBe('gold');
    expect(risenFrom('gold', sale(0))).toBe('gold');
    expect(risenFrom('newcomer', sale(99))).toBe('newcomer');
    expect(risenFrom('newcomer', sale(100))).toBe('silver');
  });

  test('rises to what the rules of a sale found reached, and is lowered by none of them', () => {
    expect(risenFrom('silver', sale(1, undefined, { tierAfter: 'gold' }))).toBe('gold');
    expect(risenFrom('gold', sale(1, undefined, { tierAfter: 'silver' }))).toBe('gold');
    // A tier that the setting does not name cannot be ranked.
    expect(risenFrom('silver', sale(1, undefined, { tierAfter: 'friend' }))).toBe('silver');
  });

  test('stays until the monthly run when the goods come back, in the next years too', () => {
    const risen = count([sale(1_000)]);
    expect([risen.tier, risen.tierGiven]).toEqual(['gold', 'silver']);
    const returned = count([back(1_000)], risen);
    expect([returned.tier, returned.tierGiven]).toEqual(['gold', 'silver']);
    expect(count([sale(5, '2028-03-01')], returned)).toMatchObject({
      tier: 'gold',
      tierGiven: 'silver',
    });
  });

  test('stays as it is without steps, and only sums count', () => {
    const counted = count([sale(5_000), back(1)], member, []);
    expect(counted).toMatchObject({ tier: 'silver', yearSpendMinor: 4_999 });
    expect(counted).not.toHaveProperty('tierGiven');
  });
});

describe('whatever the order in which bookings arrive', () => {
  const booking = fc.record({
    spendMinor: fc.integer({ min: -MONEY_MAX_MINOR, max: MONEY_MAX_MINOR }),
    orders: fc.constantFrom(-1, 0, 1),
    day: fc.constantFrom('2025-01-01', '2025-11-30', '2026-10-31', '2026-11-21', '2027-01-01'),
    channel: fc.constantFrom('store' as const, 'online' as const, 'app' as const),
    tierAfter: fc.constantFrom(undefined, 'silver', 'gold'),
  });
  const shuffled = fc
    .array(booking, { maxLength: 12 })
    .chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    );

  test('the figures end the same, and tills see no more and no less than the bounds', () => {
    fc.assert(
      fc.property(shuffled, ([bookings, others]) => {
        const counted = count(bookings, member, []);
        expect(count(others, member, [])).toEqual(counted);
        if (bookings.length === 0) return;
        const year = String(Math.max(2026, ...bookings.map((one) => Number(one.day.slice(0, 4)))));
        const sumOf = (begin: string) =>
          bookings
            .filter(({ day }) => day.startsWith(begin))
            .reduce((sum, one) => sum + one.spendMinor, 0);
        const shown = (sum: number) => Math.min(Math.max(sum, 0), MONEY_MAX_MINOR);
        const orders = bookings.reduce((sum, one) => sum + one.orders, 0);
        expect(counted.yearSpendMinor).toBe(shown(sumOf(year)));
        expect(counted.completedOrders).toBe(Math.max(orders, 0));
        for (const [month, spent] of Object.entries(counted.monthSpendMinor ?? {}))
          expect(spent).toBe(shown(sumOf(month)));
      }),
    );
  });

  test('no tier is lower than it was, nor than the figures and the rules say', () => {
    fc.assert(
      fc.property(shuffled, fc.constantFrom('newcomer', 'silver', 'gold'), ([bookings], tier) => {
        let before: CountedMember = { ...member, tier };
        for (const one of bookings) {
          const after = countBooking(before, one, tiers);
          const { yearSpendMinor = 0, lastYearSpendMinor = 0 } = after;
          const least = highestTier(
            [before.tier, one.tierAfter],
            [yearSpendMinor, lastYearSpendMinor],
            tiers,
          );
          expect(after.tier).toBe(least);
          expect(after.tierGiven ?? after.tier).toBe(tier);
          before = after;
        }
      }),
    );
  });
});
