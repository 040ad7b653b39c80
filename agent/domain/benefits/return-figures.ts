import type { EvaluatedLine } from '../../contract/evaluation.ts';
import { err, ok, type Result } from '../../contract/result.ts';
import type { Undone } from '../../contract/undone.ts';
import type { PointsByBucket } from '../points/undo-by-bucket.ts';
import type { GiftPieces, KeptTarget } from './kept-target.ts';
import { ownValue } from './own-value.ts';
import type { SoldGoods } from './return-basis.ts';
import { type ReturnError, returnShare, sumByBucket, type UnitsByLine } from './return-share.ts';

/** A gift that has to come back with the goods. */
export interface GiftDue {
  readonly ruleId: string;
  readonly sku: string;
  readonly due: number;
  /** Of them, those that do not come and are paid for. */
  readonly missing: number;
  readonly payMinor: number;
}

/** Everything that one return pays and takes, in minor units and points. */
export interface ReturnFigures {
  readonly mode: KeptTarget['mode'];
  readonly lines: readonly {
    readonly lineId: string;
    readonly sku: string;
    readonly units: number;
    readonly listMinor: number;
    readonly paidMinor: number;
  }[];
  readonly listMinor: number;
  /** The stored paid share of the units. */
  readonly paidMinor: number;
  /** Discount on the kept goods that goes with the goods returned, or that they gain: one of the two is 0. */
  readonly takenBackMinor: number;
  readonly addedMinor: number;
  readonly gifts: readonly GiftDue[];
  readonly giftsMinor: number;
  /** What the shopper gets. */
  readonly refundMinor: number;
  readonly earned: PointsByBucket;
  readonly spent: PointsByBucket;
  readonly donatedMinor: number;
  readonly lost: KeptTarget['lost'];
  /** Nothing of the sale is left. */
  readonly isWhole: boolean;
  /** What this return undoes, without its movements of points. */
  readonly undone: Omit<Undone, 'moves'>;
}

export type ReturnFiguresError =
  | ReturnError
  | { readonly code: 'gift-not-due'; readonly sku: string; readonly due: number };

/** A sale of which nothing came back. */
export const NOTHING_UNDONE: Undone = {
  units: {},
  refundMinor: 0,
  earned: {},
  spent: {},
  gifts: [],
};

/**
 * Works out one return: what was paid and held so far, less what the kept goods come to. Money and points are never asked
 * of the shopper: where the kept goods cost more than was paid, nothing is paid back.
 * @param before what earlier returns of the sale undid
 * @param units of this return, by line; checked here
 * @param target gives what the kept goods come to, by the units that came back over all returns
 * @param brought pieces of gifts that come with the goods, by article
 */
export function returnFigures(
  sold: SoldGoods,
  before: Undone,
  units: UnitsByLine,
  target: (units: UnitsByLine) => KeptTarget,
  brought: Readonly<Record<string, number>>,
): Result<ReturnFigures, ReturnFiguresError> {
  const share = returnShare(sold, before.units, units);
  if (!share.ok) return share;
  const after = addUnits(before.units, units);
  const stays = target(after);
  const lines = share.value.lines.map(({ lineId, units: count, refundMinor }) => {
    const line = lineOf(sold, lineId);
    return {
      lineId,
      sku: line.sku,
      units: count,
      listMinor: (line.listMinor / line.qty) * count,
      paidMinor: refundMinor,
    };
  });
  const paidMinor = share.value.refundMinor;
  const payableMinor = sold.lines.reduce((sum, line) => sum + line.payableMinor, 0);
  const forGoodsMinor = Math.max(0, payableMinor - before.refundMinor - stays.payableMinor);
  const gifts = giftsDue(sold, before, stays, brought);
  if (!gifts.ok) return gifts;
  const giftsMinor = gifts.value.reduce((sum, { payMinor }) => sum + payMinor, 0);
  const earned = gone(earnedOf(sold.lines), before.earned, stays.earned);
  const spent = gone(spentOf(sold.lines), before.spent, stays.spent);
  return ok({
    mode: stays.mode,
    lines,
    listMinor: lines.reduce((sum, { listMinor }) => sum + listMinor, 0),
    paidMinor,
    takenBackMinor: Math.max(0, paidMinor - forGoodsMinor),
    addedMinor: Math.max(0, forGoodsMinor - paidMinor),
    gifts: gifts.value,
    giftsMinor,
    refundMinor: Math.max(0, forGoodsMinor - giftsMinor),
    earned,
    spent,
    donatedMinor: share.value.donatedMinor,
    lost: stays.lost,
    isWhole: sold.lines.every(({ lineId, qty }) => (ownValue(after, lineId) ?? 0) === qty),
    undone: {
      units: { ...units },
      refundMinor: forGoodsMinor,
      earned: { ...earned },
      spent: { ...spent },
      gifts: gifts.value.map(({ ruleId, sku, due }) => ({
        ruleId,
        sku,
        qty: due,
      })) as Undone['gifts'],
    },
  });
}

/** Units by line, summed. Without a prototype: a line may be called `constructor`. */
export function addUnits(...parts: readonly UnitsByLine[]): Record<string, number> {
  const sum = Object.create(null) as Record<string, number>;
  for (const [lineId, units] of parts.flatMap((part) => Object.entries(part)))
    sum[lineId] = (sum[lineId] ?? 0) + units;
  return sum;
}

/** What several returns of one sale undid together. */
export function addUndone(a: Undone, b: Undone): Undone {
  const moves = Array.from(
    { length: Math.max(a.moves?.length ?? 0, b.moves?.length ?? 0) },
    (_, index) => (a.moves?.[index] ?? 0) + (b.moves?.[index] ?? 0),
  );
  return {
    units: { ...addUnits(a.units, b.units) },
    refundMinor: a.refundMinor + b.refundMinor,
    earned: { ...sumByBucket([a.earned, b.earned]) },
    spent: { ...sumByBucket([a.spent, b.spent]) },
    gifts: addGifts([...a.gifts, ...b.gifts]),
    ...(moves.length === 0 ? {} : { moves }),
  };
}

function addGifts(gifts: Undone['gifts']): Undone['gifts'] {
  const sums = new Map<string, Undone['gifts'][number]>();
  for (const gift of gifts) {
    const key = giftKey(gift);
    sums.set(key, { ...gift, qty: gift.qty + (sums.get(key)?.qty ?? 0) });
  }
  return [...sums.values()];
}

/** Pieces due are those given, less those that stay and those settled before; pieces brought cover them in order. */
function giftsDue(
  { gifts }: SoldGoods,
  before: Undone,
  stays: KeptTarget,
  brought: Readonly<Record<string, number>>,
): Result<GiftDue[], ReturnFiguresError> {
  const sumOf = (pieces: readonly GiftPieces[], key: string): number =>
    pieces.reduce((sum, one) => (giftKey(one) === key ? sum + one.qty : sum), 0);
  const left = new Map(Object.entries(brought));
  const due = [...new Map(gifts.map((gift) => [giftKey(gift), gift])).values()].flatMap((gift) => {
    const key = giftKey(gift);
    const count = Math.max(
      0,
      sumOf(gifts, key) - sumOf(stays.gifts, key) - sumOf(before.gifts, key),
    );
    if (count === 0) return [];
    const { ruleId, sku, valueMinor = 0 } = gift;
    const comes = Math.min(count, left.get(sku) ?? 0);
    left.set(sku, (left.get(sku) ?? 0) - comes);
    const missing = count - comes;
    return [{ ruleId, sku, due: count, missing, payMinor: missing * valueMinor }];
  });
  for (const [sku, count] of left) {
    if (count === 0) continue;
    const owed = due.reduce((sum, one) => (one.sku === sku ? sum + one.due : sum), 0);
    return err({ code: 'gift-not-due', sku, due: owed });
  }
  return ok(due);
}

function giftKey({ ruleId, sku }: GiftPieces): string {
  return `${ruleId}\n${sku}`;
}

function earnedOf(lines: readonly EvaluatedLine[]): PointsByBucket {
  return sumByBucket(lines.map((line) => line.pointsEarnedByBucket ?? { base: line.pointsEarned }));
}

function spentOf(lines: readonly EvaluatedLine[]): PointsByBucket {
  return sumByBucket(lines.map((line) => line.pointsSpentByBucket ?? { base: line.pointsSpent }));
}

function gone(all: PointsByBucket, before: PointsByBucket, stays: PointsByBucket): PointsByBucket {
  return sumByBucket(
    Object.entries(all).map(([bucket, points]) => {
      const left = points - (ownValue(before, bucket) ?? 0) - (ownValue(stays, bucket) ?? 0);
      return { [bucket]: Math.max(0, left) };
    }),
  );
}

function lineOf({ lines }: SoldGoods, lineId: string): EvaluatedLine {
  const line = lines.find((one) => one.lineId === lineId);
  if (line === undefined)
    throw new Error(`broken invariant: the share of an unknown line ${lineId}`);
  return line;
}
