import type { PointsAccount } from '../../../sync/protocol/feed.ts';

/** A lot of points as the till keeps it. */
export interface LotRow {
  readonly member_id: string;
  readonly lot_id: string;
  readonly points: number;
  readonly earned_at: string;
  readonly expires_on: string | null;
  readonly available_on: string | null;
  readonly channel: string;
  readonly bucket: string;
  readonly source: string;
}

/** Whether a row says of a lot what headquarters says, but for its points, which the till's own sales may have moved. */
export function isLot(row: LotRow, lot: PointsAccount['lots'][number]): boolean {
  return (
    row.earned_at === lot.earnedAt &&
    row.expires_on === (lot.expiresOn ?? null) &&
    row.available_on === (lot.availableOn ?? null) &&
    row.channel === lot.channel &&
    row.bucket === lot.bucket &&
    row.source === lot.source
  );
}
