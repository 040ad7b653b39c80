import {
  type Evaluation,
  type LotId,
  type MemberId,
  type PointsLot,
  type SaleId,
  toInstant,
} from '../contract/index.ts';
import { addDays } from '../domain/calendar/day.ts';
import { BASE_BUCKET, pointsBalance, spendFromLots } from '../domain/points/lots.ts';
import type { TillContext } from './context.ts';

export interface SalePoints {
  readonly seq: number;
  readonly saleId: SaleId;
  readonly memberId: MemberId;
  readonly points: Evaluation['points'];
  readonly channel: PointsLot['channel'];
  /** Days for which a lot is good, by the rule set of the sale; absent = for ever. */
  readonly lotValidDays: number | undefined;
}

/** Moves the points of a sale: spends the lots that expire first, earns one lot for each bucket. Answers the balance. */
export function moveSalePoints(context: TillContext, sale: SalePoints): number {
  spend(context, sale);
  earn(context, sale);
  return balanceOf(context, sale.memberId);
}

/** Points of a member today. */
export function balanceOf(context: TillContext, memberId: MemberId): number {
  return pointsBalance(context.store.points.lots(memberId), context.today());
}

function spend(context: TillContext, { seq, saleId, memberId, points, channel }: SalePoints): void {
  const { store } = context;
  const { moves, owed } = spendFromLots(store.points.lots(memberId), points.spent, context.today());
  // Spent by right, but this till's copy of the lots holds less: the difference is owed until headquarters settles it.
  if (owed > 0) {
    const lot = emptyLot(context, {
      lotId: `${saleId}.owed`,
      memberId,
      bucket: BASE_BUCKET,
      saleId,
      channel,
    });
    store.points.upsertLots([lot]);
    moves.push({ lotId: lot.lotId, delta: -owed });
  }
  store.points.move(moves.map((move) => ({ ...move, seq, memberId })));
}

function earn(
  context: TillContext,
  { seq, saleId, memberId, points, channel, lotValidDays }: SalePoints,
): void {
  const byBucket = new Map<string, number>();
  for (const lot of points.lots)
    byBucket.set(lot.bucket, (byBucket.get(lot.bucket) ?? 0) + lot.points);
  for (const [bucket, earned] of byBucket) {
    const lot = emptyLot(context, {
      lotId: `${saleId}.${bucket}`,
      memberId,
      bucket,
      saleId,
      channel,
    });
    const expiresOn =
      lotValidDays === undefined ? {} : { expiresOn: addDays(context.today(), lotValidDays) };
    context.store.points.upsertLots([{ ...lot, ...expiresOn }]);
    context.store.points.move([{ seq, lotId: lot.lotId, memberId, delta: earned }]);
  }
}

function emptyLot(
  context: TillContext,
  facts: {
    lotId: string;
    memberId: MemberId;
    bucket: string;
    saleId: SaleId;
    channel: PointsLot['channel'];
  },
): PointsLot {
  const { lotId, memberId, bucket, saleId, channel } = facts;
  return {
    lotId: lotId as LotId,
    memberId,
    points: 0,
    earnedAt: toInstant(context.nowMs()),
    channel,
    bucket,
    source: `sale:${saleId}`,
  };
}
