import { BASE_BUCKET, type PointsLot } from '../../contract/member.ts';

export { BASE_BUCKET };

/** Sorts after every day, for lots that never expire. */
const NEVER = '9999-12-31';

/**
 * What a lot is on a day `YYYY-MM-DD`: `owed` stays owed after its day; `expired` after its last valid day; `waiting`
 * before the first day on which it can be spent; else `spendable`.
 */
function stateOf(lot: PointsLot, today: string): 'owed' | 'expired' | 'waiting' | 'spendable' {
  if (lot.points < 0) return 'owed';
  if (lot.expiresOn !== undefined && lot.expiresOn < today) return 'expired';
  return lot.availableOn !== undefined && lot.availableOn > today ? 'waiting' : 'spendable';
}

/** Points of a member on a day: everything that can be spent, less what is owed. */
export function pointsBalance(lots: readonly PointsLot[], today: string): number {
  let sum = 0;
  for (const balance of balances(lots, today).values()) sum += balance;
  return sum;
}

/** Points of each category on a day, less what is owed of it; only categories that hold or owe something. */
export function balances(lots: readonly PointsLot[], today: string): Map<string, number> {
  const byBucket = new Map<string, number>();
  for (const lot of lots) {
    const state = stateOf(lot, today);
    if (lot.points === 0 || (state !== 'owed' && state !== 'spendable')) continue;
    byBucket.set(lot.bucket, (byBucket.get(lot.bucket) ?? 0) + lot.points);
  }
  return byBucket;
}

/**
 * Points of one category that a purchase may be paid from on a day; never below zero. What is reserved of a category is
 * taken off it first. What is then owed of other categories, and they do not hold, is kept back from `base` first, which
 * pays for everything, then from the others by name: so all categories together never give more than the member has.
 * @param reserved points promised already, by category
 */
export function spendablePoints(
  lots: readonly PointsLot[],
  today: string,
  bucket: string = BASE_BUCKET,
  reserved: Readonly<Record<string, number>> = {},
): number {
  const byBucket = balances(lots, today);
  for (const [name, points] of Object.entries(reserved))
    byBucket.set(name, (byBucket.get(name) ?? 0) - points);
  let debt = 0;
  for (const balance of byBucket.values()) debt += Math.max(0, -balance);
  for (const name of byName(byBucket.keys())) {
    const has = Math.max(0, byBucket.get(name) ?? 0);
    const keptBack = Math.min(has, debt);
    if (name === bucket) return has - keptBack;
    debt -= keptBack;
  }
  return 0;
}

/** Categories of points in the order in which people see them: `base`, then the others by name. */
export function byName(buckets: Iterable<string>): string[] {
  const names = [...buckets];
  const others = names.filter((name) => name !== BASE_BUCKET).sort();
  return others.length < names.length ? [BASE_BUCKET, ...others] : others;
}

/** Points of a member that wait for their day, and the first day on which some come free. */
export function pendingPoints(
  lots: readonly PointsLot[],
  today: string,
): { points: number; firstOn: string | undefined } {
  const waiting = lots.filter((lot) => stateOf(lot, today) === 'waiting' && lot.points > 0);
  return { points: total(waiting), firstOn: first(waiting.map((lot) => lot.availableOn)) };
}

/** Points in hand that are gone by the end of `until`, and the first day on which some are. */
export function expiringPoints(
  lots: readonly PointsLot[],
  today: string,
  until: string,
): { points: number; firstOn: string | undefined } {
  const soon = lots.filter(
    (lot) =>
      lot.points > 0 &&
      stateOf(lot, today) === 'spendable' &&
      lot.expiresOn !== undefined &&
      lot.expiresOn <= until,
  );
  return { points: total(soon), firstOn: first(soon.map((lot) => lot.expiresOn)) };
}

/** Lots in the order in which they are spent: first expiry first, those that never expire last, then by age and id. */
export function inSpendingOrder(lots: readonly PointsLot[]): PointsLot[] {
  return [...lots].sort(
    (a, b) =>
      compare(a.expiresOn ?? NEVER, b.expiresOn ?? NEVER) ||
      compare(a.earnedAt, b.earnedAt) ||
      compare(a.lotId, b.lotId),
  );
}

export interface LotMove {
  readonly lotId: string;
  readonly delta: number;
}

/** Takes `points` of one category from the lots that expire first; `owed` is what they did not hold. */
export function spendFromLots(
  lots: readonly PointsLot[],
  points: number,
  today: string,
  bucket: string = BASE_BUCKET,
): { moves: LotMove[]; owed: number } {
  const moves: LotMove[] = [];
  let left = points;
  for (const lot of inSpendingOrder(lots)) {
    if (left === 0) break;
    if (lot.bucket !== bucket || lot.points === 0 || stateOf(lot, today) !== 'spendable') continue;
    const taken = Math.min(left, lot.points);
    moves.push({ lotId: lot.lotId, delta: -taken });
    left -= taken;
  }
  return { moves, owed: left };
}

/**
 * Pays what is owed of each category from the lots of it that can be spent on that day, both in spending order: points
 * that were there to cover a debt cannot expire and leave it behind. The sum of the movements is zero.
 * @param mayPay whether a lot that is owed takes part; absent = every one
 */
export function payDebts(
  lots: readonly PointsLot[],
  today: string,
  mayPay: (lot: PointsLot) => boolean = () => true,
): LotMove[] {
  const moves: LotMove[] = [];
  for (const lot of inSpendingOrder(lots)) {
    if (lot.points >= 0 || !mayPay(lot)) continue;
    const left = afterMoves(lots, moves);
    const { moves: paid, owed } = spendFromLots(left, -lot.points, today, lot.bucket);
    if (paid.length > 0) moves.push(...paid, { lotId: lot.lotId, delta: -lot.points - owed });
  }
  return moves;
}

/** Lots as they stand after movements; those of other lots change nothing. */
export function afterMoves(lots: readonly PointsLot[], moves: readonly LotMove[]): PointsLot[] {
  const deltas = new Map<string, number>();
  for (const { lotId, delta } of moves) deltas.set(lotId, (deltas.get(lotId) ?? 0) + delta);
  return lots.map((lot) => ({ ...lot, points: lot.points + (deltas.get(lot.lotId) ?? 0) }));
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

function total(lots: readonly PointsLot[]): number {
  return lots.reduce((sum, lot) => sum + lot.points, 0);
}

/** The earliest day; days compare as text. */
function first(days: readonly (string | undefined)[]): string | undefined {
  return days.reduce(
    (least, day) => (least === undefined || (day ?? NEVER) < least ? day : least),
    undefined,
  );
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
