import { canonicalJson } from '../../../agent/domain/ledger/canonical-json.ts';
import { type PointsAccount, ROW_MAX_BYTES } from '../../protocol/feed.ts';
import type { HqSession } from '../database/database.ts';
import { keptLots } from './account.ts';
import { FENCED_KEPT_MS } from './reconcile.ts';

/** Whether an origin (`tillId:incarnation` of an account's `booked`) can never ask for its account again. */
export type IsGone = (origin: string) => boolean;

/** Whether an account's row is small enough for the feed as it is. */
export function fitsRow(account: PointsAccount): boolean {
  return bytesOf(canonicalJson(account)) <= ROW_MAX_BYTES;
}

/**
 * Makes an account's row small enough for the feed, of which one row that is not would stop every till. Origins that are
 * gone fall away first, then lots are joined, and only then the origins with the fewest entries: such a till counts what
 * it sold to this member twice until HQ settles it. The sum of the lots stays.
 */
export function fitAccount(account: PointsAccount, isGone: IsGone): PointsAccount {
  if (fitsRow(account)) return account;
  const origins = Object.entries(account.booked).filter(([origin]) => !isGone(origin));
  let fitted: PointsAccount = { ...account, booked: Object.fromEntries(origins) };
  for (let most = account.lots.length >> 1; most >= 1 && !fitsRow(fitted); most >>= 1)
    fitted = { ...fitted, lots: keptLots(fitted.lots, most) };
  return fitsRow(fitted) ? fitted : { ...fitted, booked: mostBooked(fitted, origins) };
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
  return accounts.map((account) => fitAccount(account, isGone));
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
