import { ok } from '../../../agent/contract/result.ts';
import { toInstant } from '../../../agent/contract/time.ts';
import { maskName } from '../../../agent/domain/privacy/mask-name.ts';
import type { HqReply } from '../../protocol/hq-api.ts';
import type { HqSession } from '../database/database.ts';
import type { HqDeps, HqHandler } from '../deps.ts';

type BookingRow = HqReply<'listBookings'>['rows'][number];

interface Row {
  readonly source: BookingRow['source'];
  readonly till_id: string | null;
  readonly store_id: string | null;
  readonly kind: string;
  readonly seq: number;
  readonly reference: string;
  readonly name: string | null;
  readonly amount_minor: number;
  readonly currency: string | null;
  readonly points_earned: number;
  readonly points_spent: number;
  readonly at_ms: number;
  readonly received_at_ms: number;
}

/**
 * What tills and the web shop booked, the latest to arrive first. Both chains are without a gap from 1 on, so their heads
 * tell how many there are without counting.
 */
export function createListBookings(deps: HqDeps): HqHandler<'listBookings'> {
  return async (_caller, { limit }) => {
    const rows = await latest(deps.db, limit);
    const [sums] = await deps.db.query<{ total: number }>(
      `SELECT (coalesce((SELECT sum(seq) FROM ledger_heads), 0)
         + coalesce((SELECT max(seq) FROM online_ledger), 0))::bigint AS total`,
    );
    return ok({ total: sums?.total ?? 0, rows: rows.map((row) => shown(row, deps.currency)) });
  };
}

async function latest(session: HqSession, limit: number): Promise<Row[]> {
  return session.query<Row>(
    `SELECT b.*, m.body::jsonb ->> 'name' AS name FROM (
       (SELECT 'till' AS source, till_id, store_id, kind, seq, coalesce(return_id, sale_id) AS reference, member_id,
          payable_minor AS amount_minor, currency, points_earned, points_spent, at_ms, received_at_ms
        FROM ledger ORDER BY received_at_ms DESC, seq DESC LIMIT $1)
       UNION ALL
       (SELECT 'online', NULL, NULL, kind, seq, coalesce(order_id, idempotency_key), member_id,
          amount_minor, NULL, points_earned, points_spent, at_ms, received_at_ms
        FROM online_ledger ORDER BY seq DESC LIMIT $1)
     ) AS b LEFT JOIN members m ON m.member_id = b.member_id
     ORDER BY b.received_at_ms DESC, b.seq DESC LIMIT $1`,
    [limit],
  );
}

function shown(row: Row, currency: string): BookingRow {
  return {
    at: toInstant(row.at_ms),
    receivedAt: toInstant(row.received_at_ms),
    source: row.source,
    tillId: row.till_id,
    storeId: row.store_id,
    kind: row.kind,
    seq: row.seq,
    reference: row.reference,
    maskedName: row.name === null ? null : maskName(row.name),
    payableMinor: row.amount_minor,
    currency: row.currency ?? currency,
    pointsEarned: row.points_earned,
    pointsSpent: row.points_spent,
  };
}
