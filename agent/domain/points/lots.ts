import type { PointsLot } from '../../contract/member.ts';

/** The bucket that every purchase may be paid from. */
export const BASE_BUCKET = 'base';

/** An owed (negative) lot stays owed after its day; points in hand are gone. `today` is `YYYY-MM-DD`, the last valid day counts. */
function counts(lot: PointsLot, today: string): boolean {
  return lot.points < 0 || lot.expiresOn === undefined || lot.expiresOn >= today;
}

/** Points of a member on a day: everything not expired, less what is owed. */
export function pointsBalance(lots: readonly PointsLot[], today: string): number {
  return lots.reduce((sum, lot) => (counts(lot, today) ? sum + lot.points : sum), 0);
}

/** Points that any purchase may be paid from on a day; never below zero. */
export function spendablePoints(lots: readonly PointsLot[], today: string): number {
  const balance = pointsBalance(
    lots.filter((lot) => lot.bucket === BASE_BUCKET),
    today,
  );
  return Math.max(0, Math.min(balance, pointsBalance(lots, today)));
}

/** Points that are gone by the end of `until`, and the first day on which some are. */
export function expiringPoints(
  lots: readonly PointsLot[],
  today: string,
  until: string,
): { points: number; firstOn: string | undefined } {
  const soon = lots.filter(
    (lot) =>
      lot.points > 0 &&
      lot.expiresOn !== undefined &&
      lot.expiresOn >= today &&
      lot.expiresOn <= until,
  );
  const firstOn = soon.reduce<string | undefined>(
    (first, lot) =>
      first === undefined || (lot.expiresOn ?? first) < first ? lot.expiresOn : first,
    undefined,
  );
  return { points: soon.reduce((sum, lot) => sum + lot.points, 0), firstOn };
}

export interface LotMove {
  readonly lotId: string;
  readonly delta: number;
}

/** Takes `points` from the lots in the order given (oldest expiry first); `owed` is what they did not hold. */
export function spendFromLots(
  lots: readonly PointsLot[],
  points: number,
  today: string,
): { moves: LotMove[]; owed: number } {
  const moves: LotMove[] = [];
  let left = points;
  for (const lot of lots) {
    if (left === 0) break;
    if (lot.bucket !== BASE_BUCKET || lot.points <= 0 || !counts(lot, today)) continue;
    const taken = Math.min(left, lot.points);
    moves.push({ lotId: lot.lotId, delta: -taken });
    left -= taken;
  }
  return { moves, owed: left };
}

/**
 * Undoes a part of movements in the order they were made: `points` units after the first `alreadyUndone` ones.
 * Partial returns thus give back exactly what was moved, each unit once. `moves` all have one sign.
 */
export function undoMoves(
  moves: readonly LotMove[],
  alreadyUndone: number,
  points: number,
): LotMove[] {
  const undone: LotMove[] = [];
  let skip = alreadyUndone;
  let left = points;
  for (const move of moves) {
    const size = Math.abs(move.delta);
    const skipped = Math.min(skip, size);
    const taken = Math.min(left, size - skipped);
    skip -= skipped;
    left -= taken;
    if (taken > 0) undone.push({ lotId: move.lotId, delta: move.delta > 0 ? -taken : taken });
  }
  return undone;
}
