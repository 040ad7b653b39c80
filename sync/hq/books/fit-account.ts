import { MEMBER_MAX_BUCKETS } from '../../../agent/contract/evaluation-input.ts';
import { BASE_BUCKET } from '../../../agent/contract/member.ts';
import { POINTS_MAX } from '../../../agent/contract/money.ts';
import { canonicalJson } from '../../../agent/domain/ledger/canonical-json.ts';
import { type PointsAccount, ROW_MAX_BYTES } from '../../protocol/feed.ts';
import type { HqSession } from '../database/database.ts';
import { keptLots, type Lot } from './account.ts';
import { earliestDay } from './chain-day.ts';
import { FENCED_KEPT_MS } from './reconcile.ts';

/** Whether an origin (`tillId:incarnation` of an account's `booked`) can never ask for its account again. */
export type IsGone = (origin: string) => boolean;

/** Whether an account's row is small enough for the feed as it is. */
export function fitsRow(account: PointsAccount): boolean {
  return bytesOf(canonicalJson(account)) <= ROW_MAX_BYTES;
}

/**
 * Makes an account's row small enough for the feed, of which one row that is not would stop every till. Origins that are
 * gone fall away first, then lots are joined, then those of the categories with the fewest points become `base`, and only
 * then the origins with the fewest entries: such a till counts what it sold to this member twice until HQ settles it. What
 * can be spent or is owed stays.
 * @param today the day, or one before it
 */
export function fitAccount(account: PointsAccount, isGone: IsGone, today: string): PointsAccount {
  if (fitsRow(account)) return account;
  const origins = Object.entries(account.booked).filter(([origin]) => !isGone(origin));
  let fitted: PointsAccount = { ...account, booked: Object.fromEntries(origins) };
  for (let most = account.lots.length >> 1; most >= 1 && !fitsRow(fitted); most >>= 1)
    fitted = { ...fitted, lots: keptLots(fitted.lots, today, most) };
  if (!fitsRow(fitted)) fitted = { ...fitted, lots: fewestLots(fitted.lots, today) };
  return fitsRow(fitted) ? fitted : { ...fitted, booked: mostBooked(fitted, origins) };
}

/**
 * At most {@link MEMBER_MAX_BUCKETS} categories beside `base`, and of each one lot that can be spent, one that waits and
 * one that is owed: so many fit a row, however long their names are. A lot takes the later days of its parts.
 */
function fewestLots(lots: readonly Lot[], today: string): Lot[] {
  const kept = bucketsWithMost(lots);
  const open = new Map<string, Lot>();
  const full: Lot[] = [];
  for (const lot of lots) {
    const isGone = lot.expiresOn !== undefined && lot.expiresOn < today;
    if (lot.points === 0 || (lot.points > 0 && isGone)) continue;
    const bucket = kept.has(lot.bucket) ? lot.bucket : BASE_BUCKET;
    const waits = lot.availableOn !== undefined && lot.availableOn > today;
    const key = `${lot.points < 0 ? 'owed' : waits} ${bucket}`;
    const own = { ...lot, bucket };
    const into = open.get(key);
    const fits = into !== undefined && Math.abs(into.points + lot.points) <= POINTS_MAX;
    if (into !== undefined && !fits) full.push(into);
    open.set(key, fits ? joined(into, own) : own);
  }
  return [...full, ...open.values()];
}

function joined(a: Lot, { points, expiresOn, availableOn }: Lot): Lot {
  const { expiresOn: otherExpiry, ...lot } = a;
  const lasts = otherExpiry === undefined || expiresOn === undefined;
  const waits = [a.availableOn, availableOn].filter((day) => day !== undefined).sort();
  return {
    ...lot,
    points: a.points + points,
    ...(lasts ? {} : { expiresOn: otherExpiry > expiresOn ? otherExpiry : expiresOn }),
    ...(waits.length === 0 ? {} : { availableOn: waits.at(-1) }),
  };
}

function bucketsWithMost(lots: readonly Lot[]): ReadonlySet<string> {
  const points = new Map<string, number>();
  for (const lot of lots)
    points.set(lot.bucket, (points.get(lot.bucket) ?? 0) + Math.abs(lot.points));
  points.delete(BASE_BUCKET);
  const most = [...points].sort(([, a], [, b]) => b - a).slice(0, MEMBER_MAX_BUCKETS);
  return new Set(most.map(([bucket]) => bucket));
}

function mostBooked(
  account: PointsAccount,
  origins: readonly (readonly [string, number])[],
): PointsAccount['booked'] {
  let left = ROW_MAX_BYTES - bytesOf(canonicalJson({ ...account, booked: {} }));
  const kept = [...origins]
    .sort(([, a], [, b]) => b - a)
    .filter((entry) => {
      // A comma in the place of its two braces.
      left -= bytesOf(canonicalJson(Object.fromEntries([entry]))) - 1;
      return left >= 0;
    });
  return Object.fromEntries(kept);
}

/** Accounts with those that are too wide for the feed made to fit, see {@link fitAccount}. @param nowMs HQ's time */
export async function fitAccounts<Account extends PointsAccount>(
  session: HqSession,
  accounts: readonly Account[],
  nowMs: number,
): Promise<(Account | PointsAccount)[]> {
  const wide = accounts.filter((account) => !fitsRow(account));
  if (wide.length === 0) return [...accounts];
  const origins = wide.flatMap(({ booked }) => Object.keys(booked));
  const isGone = await goneOrigins(session, origins, nowMs);
  return accounts.map((account) => fitAccount(account, isGone, earliestDay(nowMs)));
}

/**
 * Origins that are not the database of a registered till, {@link FENCED_KEPT_MS} after the till was registered anew, or
 * was last seen where it is registered no more.
 */
export async function goneOrigins(
  session: HqSession,
  origins: Iterable<string>,
  nowMs: number,
): Promise<IsGone> {
  const tillIds = new Set([...origins].flatMap(tillIdsIn));
  const tills = await session.query<{
    till_id: string;
    incarnation: string | null;
    state: string;
    since_ms: number | null;
  }>(
    `SELECT till_id, incarnation, state,
       CASE WHEN state = 'registered' THEN registered_at_ms ELSE greatest(registered_at_ms, last_seen_ms) END AS since_ms
     FROM tills WHERE till_id = ANY($1)`,
    [[...tillIds]],
  );
  const byId = new Map(tills.map((till) => [till.till_id, till]));
  return (origin) =>
    tillIdsIn(origin).every((tillId) => {
      const till = byId.get(tillId);
      if (till === undefined) return true;
      const isItsOwn = origin === `${tillId}:${till.incarnation}`;
      if (isItsOwn && till.state === 'registered') return false;
      return (till.since_ms ?? 0) < nowMs - FENCED_KEPT_MS;
    });
}

/** The id of a till may hold colons itself. */
function tillIdsIn(origin: string): string[] {
  const parts = origin.split(':');
  return parts.slice(1).map((_, n) => parts.slice(0, n + 1).join(':'));
}

function bytesOf(text: string): number {
  return Buffer.byteLength(text);
}
