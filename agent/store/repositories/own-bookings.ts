import type { Channel, Entitlement, SaleId } from '../../contract/index.ts';
import type { OwnBooking } from '../../domain/members/own-bookings.ts';
import type { BookedUpTo } from '../incarnations.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { OwnBookingsRepository } from '../store.ts';

interface BookingRow {
  readonly day: string;
  readonly channel: Channel;
  readonly spend_minor: number;
  readonly orders: number;
  readonly kind: string;
  readonly sale_id: SaleId;
  readonly tier_after: string | null;
  readonly entitlements: string | null;
}

/**
 * What this till's own entries booked for a member and headquarters' figures do not count yet: the `booked` mark of the
 * member's account says up to which entry they do. Entries that say nothing but figures are added up by day.
 */
export function createOwnBookings(
  connection: Connection,
  bookedUpTo: BookedUpTo,
): OwnBookingsRepository {
  const account = connection.statement<{ booked: string | null }>(
    `SELECT body -> '$.booked' AS booked FROM points_accounts WHERE member_id = ?`,
  );
  const bookedSeq = (memberId: string): number => {
    const booked = account.get(memberId)?.booked ?? null;
    return booked === null ? 0 : bookedUpTo(JSON.parse(booked) as Record<string, number>);
  };
  const bookings = connection.statement<BookingRow>(`
    SELECT coalesce(o.body ->> '$.saleDay', l.header ->> '$.businessDay') AS day,
      coalesce(o.body ->> '$.channel', 'store') AS channel,
      sum(o.body ->> '$.spendMinor') AS spend_minor, sum(o.body ->> '$.orders') AS orders, l.kind, l.sale_id,
      o.body ->> '$.tierAfter' AS tier_after, o.body -> '$.entitlements' AS entitlements
    FROM outbox o JOIN ledger l ON l.seq = o.seq
    WHERE o.kind = 'entry' AND o.body ->> '$.memberId' IS NOT NULL AND o.body ->> '$.memberId' = ? AND o.seq > ?
    GROUP BY day, channel, l.kind,
      CASE WHEN tier_after IS NOT NULL OR entitlements IS NOT NULL OR o.body ->> '$.orders' < 0 THEN o.seq END
    ORDER BY max(o.seq)`);

  return {
    ofMember: (memberId) =>
      bookings
        .all(memberId, bookedSeq(memberId))
        .filter(({ spend_minor, orders }) => spend_minor !== 0 || orders !== 0)
        .map(toBooking),
  };
}

function toBooking(row: BookingRow): OwnBooking {
  const { day, channel, spend_minor: spendMinor, orders, sale_id: saleId } = row;
  return {
    day,
    channel,
    spendMinor,
    orders,
    ...(row.tier_after === null ? {} : { tierAfter: row.tier_after }),
    ...(row.entitlements === null
      ? {}
      : { granted: { saleId, entitlements: JSON.parse(row.entitlements) as Entitlement[] } }),
    ...(orders < 0 ? { undone: saleId } : {}),
  };
}
