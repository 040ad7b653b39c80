import { addDays } from '../../../agent/domain/calendar/day.ts';
import { chainDay } from '../books/chain-day.ts';
import type { HqDeps } from '../deps.ts';

const DAY_MS = 24 * 60 * 60_000;
/** What a member was is kept for so many days after it changed: longer than a till sells without HQ. */
export const MEMBER_HISTORY_KEPT_DAYS = 60;
/** What was found of a sale is kept for so many days: a year and the month that it is compared with. */
export const FINDINGS_KEPT_DAYS = 400;

/**
 * Forgets members' versions and findings that are too old. Uses of rules and coupons stay, because limits count for ever.
 */
export async function forgetAccuracy({
  db,
  nowMs,
  timeZone,
}: Pick<HqDeps, 'db' | 'nowMs' | 'timeZone'>): Promise<void> {
  const now = nowMs();
  const cutMs = now - MEMBER_HISTORY_KEPT_DAYS * DAY_MS;
  await db.transaction(async (tx) => {
    const gone = await tx.query(
      `WITH gone AS (DELETE FROM member_history WHERE until_ms <= $1 RETURNING 1) SELECT 1 FROM gone LIMIT 1`,
      [cutMs],
    );
    if (gone.length === 0) return;
    await tx.query('UPDATE accuracy_state SET history_since_ms = greatest(history_since_ms, $1)', [
      cutMs,
    ]);
  });
  await db.query('DELETE FROM evaluations_checked WHERE business_day < $1', [
    addDays(chainDay(now, timeZone), -FINDINGS_KEPT_DAYS),
  ]);
}
