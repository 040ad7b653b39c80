import type { HqSession } from '../database/database.ts';
import type { HqDeps, TillCaller } from '../deps.ts';
import { raiseAlarm } from '../tills/alarms.ts';
import { chainDay } from './chain-day.ts';

/**
 * Members whom the look-ups of one till make its store carry in one day of the chain, at most: far more than a till serves,
 * and far fewer than somebody is after who goes through cards or phones. Each of them goes to every till of the store.
 */
export const LOOKUP_CARRIES_MAX = 2_000;

/**
 * Counts those of `memberIds` whom the till's store does not carry as yet. The first look-up beyond
 * {@link LOOKUP_CARRIES_MAX} raises the alarm `lookups-many` and ends them for the day.
 * @param tx a transaction, before members are locked in it
 * @returns whether the store may carry them
 */
export async function countLookups(
  tx: HqSession,
  { nowMs, timeZone }: Pick<HqDeps, 'nowMs' | 'timeZone'>,
  { tillId, storeId }: Pick<TillCaller, 'tillId' | 'storeId'>,
  memberIds: readonly string[],
): Promise<boolean> {
  const fresh = await tx.query(
    `SELECT 1 FROM unnest($1::text[]) AS id
     WHERE NOT EXISTS (SELECT 1 FROM member_scopes WHERE member_id = id AND store_id = $2)`,
    [memberIds, storeId],
  );
  if (fresh.length === 0) return true;
  const atMs = nowMs();
  const [row] = await tx.query<{ carried: number }>(
    `INSERT INTO lookup_carries AS c VALUES ($1, $2, $3)
     ON CONFLICT (till_id) DO UPDATE SET day = excluded.day,
       carried = excluded.carried + CASE c.day WHEN excluded.day THEN c.carried ELSE 0 END
     RETURNING carried`,
    [tillId, chainDay(atMs, timeZone), fresh.length],
  );
  const carried = row?.carried ?? 0;
  if (carried <= LOOKUP_CARRIES_MAX) return true;
  if (carried - fresh.length <= LOOKUP_CARRIES_MAX)
    await raiseAlarm(tx, { atMs, code: 'lookups-many', tillId });
  return false;
}
