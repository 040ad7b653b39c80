import type { PointsLot } from '../../contract/member.ts';
import { inSpendingOrder, type LotMove } from './lots.ts';

/** Points that a sale earns by one rule. */
export interface EarnedPoints {
  readonly bucket: string;
  readonly points: number;
  /** Days until they can be spent; absent = at once. */
  readonly pendingDays?: number | undefined;
}

/** A lot that a sale makes: the points of one category and one waiting time. */
export interface EarnedLot {
  readonly bucket: string;
  readonly points: number;
  /** 0 = can be spent at once. */
  readonly pendingDays: number;
}

/**
 * Shares out what a sale earns: what the member owes of a category is paid off first (`setOff`, the lots in spending
 * order), the rest makes lots. Points that would wait pay off as well, those that wait longest before the others, so
 * that the member keeps what can be spent soonest. Movements of the lots go before those of `setOff`: a return of a
 * part then takes back the lots before it makes anybody owe again.
 * @param lots the member's, as they stand once the sale has spent
 */
export function earnIntoLots(
  lots: readonly PointsLot[],
  earned: readonly EarnedPoints[],
): { lots: EarnedLot[]; setOff: LotMove[] } {
  const made: EarnedLot[] = [];
  const setOff: LotMove[] = [];
  for (const bucket of new Set(earned.map((one) => one.bucket))) {
    const parts = byWait(earned.filter((one) => one.bucket === bucket));
    const all = parts.reduce((sum, { points }) => sum + points, 0);
    const paid = payOff(lots, bucket, all);
    setOff.push(...paid);
    let used = paid.reduce((sum, { delta }) => sum + delta, 0);
    for (const { pendingDays, points } of parts) {
      const gone = Math.min(used, points);
      used -= gone;
      if (points > gone) made.push({ bucket, pendingDays, points: points - gone });
    }
  }
  return { lots: made, setOff };
}

/** Points by waiting time, the longest first. */
function byWait(
  earned: readonly EarnedPoints[],
): { readonly pendingDays: number; readonly points: number }[] {
  const sums = new Map<number, number>();
  for (const { pendingDays = 0, points } of earned)
    sums.set(pendingDays, (sums.get(pendingDays) ?? 0) + points);
  return [...sums]
    .map(([pendingDays, points]) => ({ pendingDays, points }))
    .sort((a, b) => b.pendingDays - a.pendingDays);
}

function payOff(lots: readonly PointsLot[], bucket: string, points: number): LotMove[] {
  const moves: LotMove[] = [];
  let left = points;
  for (const lot of inSpendingOrder(lots)) {
    if (left === 0) break;
    if (lot.bucket !== bucket || lot.points >= 0) continue;
    const paid = Math.min(left, -lot.points);
    moves.push({ lotId: lot.lotId, delta: paid });
    left -= paid;
  }
  return moves;
}
