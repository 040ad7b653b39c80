import type { HqDeps } from '../deps.ts';
import { LAST_CHECK_SQL } from './last-check-sql.ts';

const HOUR_MS = 60 * 60_000;
/** Ages by which tills are counted, the shortest first: a till checks everything once a day. */
const AGES = [
  ['1d', 25 * HOUR_MS],
  ['2d', 49 * HOUR_MS],
  ['7d', 7 * 24 * HOUR_MS],
] as const;

/** Registered tills by the age of their last full check by our clock: `1d`, `2d`, `7d`, `older`, `never`. */
export async function readCheckAges({
  db,
  nowMs,
}: Pick<HqDeps, 'db' | 'nowMs'>): Promise<Record<string, number>> {
  const now = nowMs();
  const steps = AGES.map(([name], i) => `WHEN c.received_at_ms > $${i + 1} THEN '${name}'`);
  const rows = await db.query<{ within: string; n: number }>(
    `SELECT CASE WHEN c.received_at_ms IS NULL THEN 'never' ${steps.join(' ')} ELSE 'older' END AS within, count(*) AS n
     FROM tills t LEFT JOIN LATERAL (${LAST_CHECK_SQL}) AS c ON true
     WHERE t.state = 'registered' GROUP BY 1`,
    AGES.map(([, ageMs]) => now - ageMs),
  );
  return Object.fromEntries(rows.map(({ within, n }) => [within, n]));
}
