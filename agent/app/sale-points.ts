import {
  BASE_BUCKET,
  type Evaluation,
  type LotId,
  lotIdSchema,
  type MemberId,
  type PointsLot,
  type SaleId,
  toInstant,
} from '../contract/index.ts';
import { addDays } from '../domain/calendar/day.ts';
import { type EarnedLot, earnIntoLots } from '../domain/points/earn-into-lots.ts';
import { type LotMove, payDebts, pointsBalance, spendFromLots } from '../domain/points/lots.ts';
import type { TillContext } from './context.ts';

/** Digits of a hash that stand for a category whose name fits no lot id. */
const BUCKET_HASH_DIGITS = 16;

export interface SalePoints {
  readonly seq: number;
  readonly saleId: SaleId;
  readonly memberId: MemberId;
  readonly points: Evaluation['points'];
  readonly channel: PointsLot['channel'];
  /** Days for which a lot is good once it can be spent, by the rule set of the sale; absent = for ever. */
  readonly lotValidDays: number | undefined;
}

/** What became of a member's points with a sale. */
export interface MovedPoints {
  readonly balance: number;
  /** Of the points earned, those that paid off what was owed. */
  readonly setOff: number;
  /** Of the points earned, those that wait, by the first day on which they can be spent. */
  readonly waiting: readonly { readonly points: number; readonly availableOn: string }[];
}

/**
 * Moves the points of a sale: spends the lots that expire first, pays off what is owed, and earns one lot for each
 * category and waiting time. What is still owed is paid from what can be spent.
 */
export function moveSalePoints(context: TillContext, sale: SalePoints): MovedPoints {
  spend(context, sale);
  const earned = earn(context, sale);
  book(context, sale, payDebts(context.store.points.lots(sale.memberId), context.today()));
  return { balance: balanceOf(context, sale.memberId), ...earned };
}

/** Points of a member today. */
export function balanceOf(context: TillContext, memberId: MemberId): number {
  return pointsBalance(context.store.points.lots(memberId), context.today());
}

function spend(context: TillContext, sale: SalePoints): void {
  const { points, memberId } = sale;
  if (points.spent === 0) return;
  const spent = points.spentByBucket ?? { [BASE_BUCKET]: points.spent };
  for (const [bucket, wanted] of Object.entries(spent)) {
    const lots = context.store.points.lots(memberId);
    const { moves, owed } = spendFromLots(lots, wanted, context.today(), bucket);
    book(context, sale, moves);
    // Spent by right, but this till's copy of the lots holds less: the difference is owed until headquarters settles it.
    if (owed > 0) bookLot(context, sale, lotOf(context, sale, `o.${bucket}`, bucket), -owed);
  }
}

function earn(context: TillContext, sale: SalePoints): Omit<MovedPoints, 'balance'> {
  const lots = context.store.points.lots(sale.memberId);
  const { lots: made, setOff } = earnIntoLots(lots, sale.points.lots);
  const waiting: { points: number; availableOn: string }[] = [];
  for (const earned of made) {
    const lot = earnedLot(context, sale, earned);
    bookLot(context, sale, lot, earned.points);
    const { availableOn } = lot;
    if (availableOn !== undefined) waiting.push({ points: earned.points, availableOn });
  }
  book(context, sale, setOff);
  return { setOff: setOff.reduce((sum, { delta }) => sum + delta, 0), waiting };
}

/** Points wait from the business day of the sale on, and are good from the day on which they can be spent. */
function earnedLot(
  context: TillContext,
  sale: SalePoints,
  { bucket, pendingDays }: EarnedLot,
): PointsLot {
  const { lotValidDays } = sale;
  const availableOn = pendingDays === 0 ? undefined : addDays(context.businessDay(), pendingDays);
  const kind = pendingDays === 0 ? `b.${bucket}` : `w${pendingDays}.${bucket}`;
  return {
    ...lotOf(context, sale, kind, bucket),
    ...(availableOn === undefined ? {} : { availableOn }),
    ...(lotValidDays === undefined
      ? {}
      : { expiresOn: addDays(availableOn ?? context.today(), lotValidDays) }),
  };
}

function bookLot(context: TillContext, sale: SalePoints, lot: PointsLot, delta: number): void {
  context.store.points.addLots([lot]);
  book(context, sale, [{ lotId: lot.lotId, delta }]);
}

function book(
  context: TillContext,
  { seq, memberId }: SalePoints,
  moves: readonly LotMove[],
): void {
  context.store.points.move(moves.map((move) => ({ ...move, seq, memberId })));
}

/**
 * An empty lot of the sale.
 * @param kind what it holds, before the category: `b` earned, `w` and days earned to wait so long, `o` owed
 */
function lotOf(
  context: TillContext,
  { saleId, memberId, channel }: SalePoints,
  kind: string,
  bucket: string,
): PointsLot {
  return {
    lotId: lotIdOf(context, saleId, kind),
    memberId,
    points: 0,
    earnedAt: toInstant(context.nowMs()),
    channel,
    bucket,
    source: `sale:${saleId}`,
  };
}

/** Names of categories are any text; headquarters keeps lots under ids in the contract's form alone. */
function lotIdOf(context: TillContext, saleId: SaleId, kind: string): LotId {
  const plain = lotIdSchema.safeParse(`${saleId}.${kind}`);
  if (plain.success) return plain.data;
  return `${saleId}.${context.hash(kind).slice(0, BUCKET_HASH_DIGITS)}` as LotId;
}
