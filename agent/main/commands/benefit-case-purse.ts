import type { Evaluation } from '../../contract/evaluation.ts';
import type { LotId, MemberId } from '../../contract/ids.ts';
import { BASE_BUCKET, type PointsLot } from '../../contract/member.ts';
import { assert } from '../../contract/result.ts';
import { toInstant } from '../../contract/time.ts';
import { addDays } from '../../domain/calendar/day.ts';
import { earnIntoLots } from '../../domain/points/earn-into-lots.ts';
import { afterMoves, payDebts, spendFromLots } from '../../domain/points/lots.ts';
import type { SaleMove } from '../../domain/points/undo-by-bucket.ts';
import type { BenefitCase } from './benefit-case-schema.ts';

/** The points of a case's member, and what the sale moved of them. */
export interface Purse {
  readonly lots: readonly PointsLot[];
  /** In the order in which they were made. */
  readonly moves: readonly SaleMove[];
}

/** The lots of a case's member: as listed, or one for each balance that the case states. */
export function caseLots(member: BenefitCase['member']): PointsLot[] {
  const { lots, pointsBalance = 0, pointsByBucket = {} } = member ?? {};
  if (lots === undefined) {
    const balances = Object.entries({ ...pointsByBucket, [BASE_BUCKET]: pointsBalance });
    return balances.map(([bucket, points]) => lotOf(`balance.${bucket}`, bucket, points));
  }
  return lots.map((lot) =>
    lotOf(lot.id, lot.bucket, lot.points, {
      earnedAt: lot.earnedOn === undefined ? toInstant(0) : `${lot.earnedOn}T00:00:00.000Z`,
      ...(lot.expiresOn === undefined ? {} : { expiresOn: lot.expiresOn }),
      ...(lot.availableOn === undefined ? {} : { availableOn: lot.availableOn }),
    }),
  );
}

/**
 * Moves the points of a sale as a till does: first what is spent, then what is earned. A lot of the sale is called
 * `sale.BUCKET`, with the days that it waits behind it where it does.
 */
export function bookSale(
  before: readonly PointsLot[],
  { points }: Evaluation,
  today: string,
): Purse {
  let lots = before;
  const all: SaleMove[] = [];
  const byBucket = points.spentByBucket ?? { [BASE_BUCKET]: points.spent };
  for (const [bucket, amount] of Object.entries(byBucket)) {
    const { moves, owed } = spendFromLots(lots, amount, today, bucket);
    assert(owed === 0, 'a case spends points that are there');
    all.push(...moves.map((move) => ({ ...move, bucket })));
    lots = afterMoves(lots, moves);
  }
  const { lots: made, setOff } = earnIntoLots(lots, points.lots);
  const own = made.map(({ bucket, pendingDays, points: earned }) =>
    pendingDays === 0
      ? lotOf(`sale.${bucket}`, bucket, earned)
      : lotOf(`sale.${bucket}.${pendingDays}`, bucket, earned, {
          availableOn: addDays(today, pendingDays),
        }),
  );
  for (const { lotId, points: delta, bucket } of own) all.push({ lotId, delta, bucket });
  for (const move of setOff) all.push({ ...move, bucket: bucketOf(lots, move.lotId) });
  lots = [...afterMoves(lots, setOff), ...own];
  const paid = payDebts(lots, today);
  for (const move of paid) all.push({ ...move, bucket: bucketOf(lots, move.lotId) });
  return { lots: afterMoves(lots, paid), moves: all };
}

function bucketOf(lots: readonly PointsLot[], lotId: string): string {
  const lot = lots.find((one) => one.lotId === lotId);
  assert(lot !== undefined, 'a lot that moves is there');
  return lot.bucket;
}

function lotOf(
  id: string,
  bucket: string,
  points: number,
  days: Partial<PointsLot> = {},
): PointsLot {
  return {
    lotId: id as LotId,
    memberId: 'case-member' as MemberId,
    points,
    earnedAt: toInstant(0),
    channel: 'store',
    bucket,
    source: 'case',
    ...days,
  };
}
