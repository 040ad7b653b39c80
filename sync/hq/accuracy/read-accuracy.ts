import { storeSchema } from '../../../agent/contract/store.ts';
import { toInstant } from '../../../agent/contract/time.ts';
import {
  ACCURACY_FLOOR,
  ACCURACY_ROWS_MAX,
  ACCURACY_WEEKS_SHOWN,
  type AccuracyCause,
  type AccuracyCount,
  type AccuracyReport,
} from '../../protocol/accuracy.ts';
import type { HqInput } from '../../protocol/hq-api.ts';
import { chainDay } from '../books/chain-day.ts';
import type { HqSession } from '../database/database.ts';
import type { HqDeps } from '../deps.ts';
import { mondayOf } from './iso-week.ts';

type Asked = HqInput<'accuracy'>;

interface Row {
  readonly store_id: string;
  readonly week: string;
  readonly sales: number;
  readonly accurate: number;
  readonly erased: number;
  readonly engine_different: number;
  readonly without_history: number;
  /** JSON: how many of each cause. */
  readonly causes: string | null;
}

/** Trigger accuracy by store and week; where no days are given, the last {@link ACCURACY_WEEKS_SHOWN} weeks. */
export async function readAccuracy(
  { db, nowMs, timeZone }: Pick<HqDeps, 'db' | 'nowMs' | 'timeZone'>,
  { storeId, from, to }: Asked,
): Promise<AccuracyReport> {
  const now = nowMs();
  const today = chainDay(now, timeZone);
  const toDay = to ?? today;
  const fromDay = from ?? mondayOf(toDay, 1 - ACCURACY_WEEKS_SHOWN);
  const rows = await countRows(db, fromDay, toDay, storeId);
  const shown = rows.slice(0, ACCURACY_ROWS_MAX);
  const names = await storeNames(db);
  const [waiting] = await db.query<{ waiting: number }>(
    `SELECT (SELECT count(*) FROM evaluations_checked WHERE due IS NOT NULL)
       + (SELECT coalesce(sum(h.seq - coalesce(c.seq, 0)), 0)::bigint FROM ledger_heads h
          LEFT JOIN accuracy_cursors c ON c.till_id = h.till_id AND c.incarnation = h.incarnation) AS waiting`,
  );
  const counts = shown.map(countOf);
  return {
    at: toInstant(now),
    from: fromDay,
    to: toDay,
    floor: ACCURACY_FLOOR,
    waiting: waiting?.waiting ?? 0,
    total: sumOf(counts),
    rows: shown.map((row, index) => ({
      ...(counts[index] ?? sumOf([])),
      storeId: row.store_id,
      storeName: names.get(row.store_id) ?? { 'zh-CN': row.store_id, en: row.store_id },
      week: row.week,
    })),
    tooMany: rows.length > shown.length,
  };
}

/** All stores and weeks of some days added up. */
export async function totalAccuracy(
  session: HqSession,
  fromDay: string,
  toDay: string,
): Promise<AccuracyCount> {
  return sumOf((await countRows(session, fromDay, toDay, undefined)).map(countOf));
}

/** Newest week first, one row more than a report holds. */
function countRows(
  session: HqSession,
  fromDay: string,
  toDay: string,
  storeId: string | undefined,
): Promise<Row[]> {
  return session.query<Row>(
    `SELECT store_id, week, sum(n)::bigint AS sales, coalesce(sum(n) FILTER (WHERE accurate), 0)::bigint AS accurate,
       coalesce(sum(n) FILTER (WHERE accurate IS NULL), 0)::bigint AS erased,
       sum(differ)::bigint AS engine_different,
       coalesce(sum(n) FILTER (WHERE accurate AND cause = 'no-history'), 0)::bigint AS without_history,
       (json_object_agg(cause, n) FILTER (WHERE NOT accurate AND cause IS NOT NULL))::text AS causes
     FROM (
       SELECT store_id, week, accurate, cause, count(*) AS n, count(*) FILTER (WHERE engine = 'different') AS differ
       FROM evaluations_checked
       WHERE checked_at_ms IS NOT NULL AND business_day BETWEEN $1 AND $2 AND ($3::text IS NULL OR store_id = $3)
       GROUP BY store_id, week, accurate, cause
     ) AS kinds
     GROUP BY store_id, week ORDER BY week DESC, store_id LIMIT ${ACCURACY_ROWS_MAX + 1}`,
    [fromDay, toDay, storeId ?? null],
  );
}

function countOf(row: Row): AccuracyCount {
  return {
    sales: row.sales,
    accurate: row.accurate,
    erased: row.erased,
    engineDifferent: row.engine_different,
    withoutHistory: row.without_history,
    rate: rateOf(row),
    causes: JSON.parse(row.causes ?? '{}') as AccuracyCount['causes'],
  };
}

function sumOf(counts: readonly AccuracyCount[]): AccuracyCount {
  const sum = (of: (count: AccuracyCount) => number): number =>
    counts.reduce((total, count) => total + of(count), 0);
  const causes = new Map<AccuracyCause, number>();
  for (const count of counts)
    for (const [cause, n] of Object.entries(count.causes) as [AccuracyCause, number][])
      causes.set(cause, (causes.get(cause) ?? 0) + n);
  const figures = {
    sales: sum(({ sales }) => sales),
    accurate: sum(({ accurate }) => accurate),
    erased: sum(({ erased }) => erased),
    engineDifferent: sum(({ engineDifferent }) => engineDifferent),
    withoutHistory: sum(({ withoutHistory }) => withoutHistory),
  };
  return { ...figures, rate: rateOf(figures), causes: Object.fromEntries(causes) };
}

function rateOf(row: { sales: number; accurate: number; erased: number }): number | null {
  const known = row.sales - row.erased;
  return known === 0 ? null : row.accurate / known;
}

async function storeNames(session: HqSession) {
  const rows = await session.query<{ body: string }>('SELECT body FROM stores');
  const stores = rows.map(({ body }) => storeSchema.parse(JSON.parse(body)));
  return new Map(stores.map(({ storeId, name }) => [storeId as string, name]));
}
