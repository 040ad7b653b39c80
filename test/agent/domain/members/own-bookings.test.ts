import { describe, expect, test } from 'vitest';
import type { SaleId } from '../../../../agent/contract/ids.ts';
import { memberSchema } from '../../../../agent/contract/member.ts';
import { type OwnBooking, withOwnBookings } from '../../../../agent/domain/members/own-bookings.ts';

const TODAY = '2026-11-21';
const member = memberSchema.parse({
  memberId: 'm-1',
  name: '王小明',
  tier: 'silver',
  yearSpendMinor: 999_999,
  completedOrders: 4,
  monthSpendMinor: { '2026-11': 100 },
  entitlements: [{ kind: 'parking', saleId: 's0' }],
  updatedAt: '2026-11-20T00:00:00.000Z',
});
const tiers = [{ tier: 'gold', yearSpendMinorFrom: 1_000_000 }];
const sale: OwnBooking = { spendMinor: 1, orders: 1, day: TODAY, channel: 'store' };
const now = (bookings: readonly OwnBooking[], today = TODAY, before = member) =>
  withOwnBookings(before, bookings, tiers, today);

describe('what a till has booked since headquarters counted', () => {
  test('counts for year, month, orders, channel and tier', () => {
    expect(now([sale])).toMatchObject({
      yearSpendMinor: 1_000_000,
      completedOrders: 5,
      monthSpendMinor: { '2026-11': 101 },
      lastPurchaseOn: { store: TODAY },
      tier: 'gold',
    });
  });

  test('gives the rights of its sales, and takes those of sales that came back', () => {
    const granted = { saleId: 's1' as SaleId, entitlements: [{ kind: 'priority-lane' }] };
    const given = now([{ ...sale, granted }]);
    expect(given.entitlements).toEqual([
      { kind: 'parking', saleId: 's0' },
      { kind: 'priority-lane', saleId: 's1' },
    ]);
    const undone = { ...sale, spendMinor: -1, orders: -1, undone: 's0' as SaleId };
    expect(now([undone]).entitlements).toEqual([]);
  });

  test('is nothing: the member stays the very one', () => {
    expect(now([])).toBe(member);
  });
});

test('a year that has ended since headquarters counted it is no running year, also where only the day of the row tells it', () => {
  const counted = { ...member, spendYear: 2026 };
  expect(now([], '2026-12-31', counted).yearSpendMinor).toBe(999_999);
  expect(now([], '2027-01-01', counted).yearSpendMinor).toBe(0);
  expect(now([{ ...sale, day: '2027-01-01' }], '2027-01-01', counted).yearSpendMinor).toBe(1);
  expect(now([], '2026-12-31').yearSpendMinor).toBe(999_999);
  expect(now([], '2027-01-01').yearSpendMinor).toBe(0);
});
