import { createHash } from 'node:crypto';
import type { EntryFacts } from '../../../agent/contract/entry-facts.ts';
import { type LotId, lotIdSchema, type MemberId } from '../../../agent/contract/ids.ts';
import type { PointsLot } from '../../../agent/contract/member.ts';
import { POINTS_MAX } from '../../../agent/contract/money.ts';
import {
  afterMoves,
  BASE_BUCKET,
  type LotMove,
  payDebts,
} from '../../../agent/domain/points/lots.ts';
import type { PointsAccount } from '../../protocol/feed.ts';

/** Lots that an account keeps apart. With this many, the row of an account fits `ROW_MAX_BYTES`. */
export const LOTS_KEPT_MAX = 256;

export type Lot = PointsAccount['lots'][number];
export type Movement = EntryFacts['movements'][number];

/** A member's account before its first booking. */
export function emptyAccount(memberId: string): PointsAccount {
  return { memberId: memberId as MemberId, lots: [], booked: {} };
}

/** The lots in the form that the formulas of `agent/domain/points` take. */
export function lotsOf({ memberId, lots }: PointsAccount): PointsLot[] {
  return lots.map((lot) => ({ ...lot, memberId }));
}

/** Where an unknown lot is said to come from, and when. */
export interface BookingSource {
  readonly earnedAt: string;
  readonly name: string;
  /** The day `YYYY-MM-DD` of the booking. */
  readonly today: string;
}

export interface Moved {
  readonly account: PointsAccount;
  /** Lots that movements named, that HQ does not have and that came without facts. */
  readonly unknownLots: readonly string[];
  /** Movements that no lot can hold: they are not booked. */
  readonly outOfRange: readonly Movement[];
}

/**
 * Books movements in their order. A lot that HQ does not have is made of the movement's own facts, else as base points
 * without expiry, so that no point is lost. A lot may become negative: what was spent twice is owed.
 */
export function applyMovements(
  account: PointsAccount,
  movements: readonly Movement[],
  source: BookingSource,
): Moved {
  const lots = new Map<string, Lot>(account.lots.map((lot) => [lot.lotId, lot]));
  const unknownLots: string[] = [];
  const outOfRange: Movement[] = [];
  for (const movement of movements) {
    const lotId = lotIdOf(movement.lotId);
    const known = lots.get(lotId);
    const points = (known?.points ?? 0) + movement.delta;
    if (Math.abs(points) > POINTS_MAX) {
      outOfRange.push(movement);
      continue;
    }
    if (known === undefined && movement.lot === undefined) unknownLots.push(movement.lotId);
    const lot = known ?? { ...plainLot(source), ...movement.lot, lotId, points: 0 };
    lots.set(lotId, { ...lot, points });
  }
  const kept = keptLots([...lots.values()], source.today);
  return { account: { ...account, lots: kept }, unknownLots, outOfRange };
}

/** Pays what an account owes from what can be spent, see {@link payDebts}; with the movements that this took. */
export function settleAccount(
  account: PointsAccount,
  today: string,
): { readonly account: PointsAccount; readonly moves: readonly LotMove[] } {
  const moves = payDebts(lotsOf(account), today);
  if (moves.length === 0) return { account, moves };
  const left = new Map(
    afterMoves(lotsOf(account), moves).map((lot) => [lot.lotId, lot.points] as const),
  );
  const lots = account.lots.map((lot) => ({ ...lot, points: left.get(lot.lotId) ?? lot.points }));
  return { account: { ...account, lots }, moves };
}

/** Notes up to which entry a till's movements are in the lots. */
export function markBooked(account: PointsAccount, origin: string, seq: number): PointsAccount {
  const before = account.booked[origin] ?? 0;
  return { ...account, booked: { ...account.booked, [origin]: Math.max(before, seq) } };
}

/**
 * Moves everything of one account to another. The first keeps what it booked, and the second takes it over where it is
 * further: either way all movements of a till up to there are in the lots.
 */
export function mergeAccounts(
  from: PointsAccount,
  to: PointsAccount,
  today: string,
): { readonly from: PointsAccount; readonly to: PointsAccount } {
  const moves = from.lots.map(({ lotId, points, ...lot }) => ({ lotId, delta: points, lot }));
  const source = { earnedAt: '1970-01-01T00:00:00.000Z', name: `merged:${from.memberId}`, today };
  let { account } = applyMovements(to, moves, source);
  for (const [origin, seq] of Object.entries(from.booked))
    account = markBooked(account, origin, seq);
  return { from: { ...from, lots: [] }, to: account };
}

/**
 * Beyond the limit, lots that have expired go first, then empty ones (those earned first), then the oldest lots of one
 * bucket are added to others of that bucket, which neither expire nor can be spent earlier. What can be spent or is owed
 * stays.
 */
export function keptLots(lots: readonly Lot[], today: string, most = LOTS_KEPT_MAX): Lot[] {
  let over = lots.length - most;
  if (over <= 0) return [...lots];
  let result = [...lots].sort((a, b) => compare(a.earnedAt, b.earnedAt));
  const drop = (isIdle: (lot: Lot) => boolean): void => {
    result = result.filter((lot) => {
      const goes = over > 0 && isIdle(lot);
      if (goes) over--;
      return !goes;
    });
  };
  drop(({ points, expiresOn }) => points > 0 && expiresOn !== undefined && expiresOn < today);
  drop(({ points }) => points === 0);
  for (let i = 0; over > 0 && i < result.length; ) {
    const lot = result[i] as Lot;
    const into = takerOf(result, i);
    if (into < 0) {
      i++;
      continue;
    }
    const other = result[into] as Lot;
    result[into] = { ...other, points: other.points + lot.points };
    result.splice(i, 1);
    over--;
  }
  return result;
}

/**
 * The lot that may take lot `i`: one that can be spent from the same day on before one that waits longer, of those the
 * first one earned later, else the first.
 */
function takerOf(lots: readonly Lot[], i: number): number {
  const lot = lots[i] as Lot;
  const day = ({ availableOn = '' }: Lot): string => availableOn;
  const find = (fits: (other: Lot) => boolean): number => {
    const mayTakeIt = (other: Lot, isPlace: boolean) =>
      isPlace && mayTake(other, lot) && fits(other);
    const later = lots.findIndex((other, j) => mayTakeIt(other, j > i));
    return later >= 0 ? later : lots.findIndex((other, j) => mayTakeIt(other, j < i));
  };
  const same = find((other) => day(other) === day(lot));
  // What is owed counts today and would not while it waits.
  if (same >= 0 || lot.points < 0) return same;
  return find((other) => day(other) > day(lot));
}

function mayTake(other: Lot, lot: Lot): boolean {
  const laterExpiry = compare(lot.expiresOn ?? '9999-12-31', other.expiresOn ?? '9999-12-31') <= 0;
  return (
    other.bucket === lot.bucket && laterExpiry && Math.abs(other.points + lot.points) <= POINTS_MAX
  );
}

/** An id that is no lot id in the contract's form would keep tills from reading the account. */
export function lotIdOf(text: string): LotId {
  const parsed = lotIdSchema.safeParse(text);
  if (parsed.success) return parsed.data;
  return `lot:${createHash('sha256').update(text).digest('hex').slice(0, 32)}` as LotId;
}

function plainLot({ earnedAt, name }: BookingSource) {
  return { earnedAt, channel: 'store' as const, bucket: BASE_BUCKET, source: name.slice(0, 64) };
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
