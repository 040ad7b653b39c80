import type { z } from 'zod';
import { toInstant } from '../../../agent/contract/time.ts';
import {
  EXCEPTION_STEPS_MAX,
  type ExceptionCase,
  type exceptionsQuerySchema,
} from '../../protocol/exceptions.ts';
import type { HqSession } from '../database/database.ts';

interface Row {
  readonly id: number;
  readonly at_ms: number;
  readonly code: string;
  readonly state: ExceptionCase['state'];
  readonly store_id: string | null;
  readonly till_id: string | null;
  readonly incarnation: string | null;
  readonly seq: number | null;
  readonly member_id: string | null;
  readonly detail: string;
  readonly kind: string | null;
  readonly sale_id: string;
  readonly return_id: string | null;
  readonly entry_at_ms: number;
  readonly business_day: string;
  readonly payable_minor: number;
  readonly currency: string;
  readonly points_earned: number;
  readonly points_spent: number;
}

interface StepRow {
  readonly exception_id: number;
  readonly at_ms: number;
  readonly step: 'settled' | 'reopened';
  readonly by_name: string;
  readonly done: string | null;
  readonly note: string;
}

type Query = z.output<typeof exceptionsQuerySchema>;

/** A till without an entry is of the store that it is registered for. */
const CASES = `
  SELECT e.id, e.at_ms, e.code, e.state, coalesce(l.store_id, t.store_id) AS store_id, e.till_id, e.incarnation, e.seq,
    e.member_id, e.detail, l.kind, l.sale_id, l.return_id, l.at_ms AS entry_at_ms, l.business_day, l.payable_minor,
    l.currency, l.points_earned, l.points_spent
  FROM exceptions e
  LEFT JOIN ledger l ON l.till_id = e.till_id AND l.incarnation = e.incarnation AND l.seq = e.seq
  LEFT JOIN tills t ON t.till_id = e.till_id`;

/** A page of cases, the newest first. */
export async function readCases(
  session: HqSession,
  { state, code, storeId, tillId, after, limit }: Query,
): Promise<{ readonly cases: ExceptionCase[]; readonly next: number | null }> {
  const rows = await session.query<Row>(
    `${CASES}
     WHERE ($1 = 'all' OR e.state = $1) AND ($2::text IS NULL OR e.code = $2)
       AND ($3::text IS NULL OR coalesce(l.store_id, t.store_id) = $3) AND ($4::text IS NULL OR e.till_id = $4)
       AND ($5::bigint IS NULL OR e.id < $5)
     ORDER BY e.id DESC LIMIT $6`,
    [state, code ?? null, storeId ?? null, tillId ?? null, after ?? null, limit + 1],
  );
  const shown = rows.slice(0, limit);
  return {
    cases: await withSteps(session, shown),
    next: rows.length > limit ? (shown.at(-1)?.id ?? null) : null,
  };
}

/** One case; `undefined` = there is none of that number. */
export async function readCase(session: HqSession, id: number): Promise<ExceptionCase | undefined> {
  const rows = await session.query<Row>(`${CASES} WHERE e.id = $1`, [id]);
  return (await withSteps(session, rows))[0];
}

/** Open cases by code. */
export async function countOpen(session: HqSession): Promise<Record<string, number>> {
  const rows = await session.query<{ code: string; count: number }>(
    "SELECT code, count(*) AS count FROM exceptions WHERE state = 'open' GROUP BY code ORDER BY code",
  );
  return Object.fromEntries(rows.map(({ code, count }) => [code, count]));
}

async function withSteps(session: HqSession, rows: readonly Row[]): Promise<ExceptionCase[]> {
  if (rows.length === 0) return [];
  const steps = await session.query<StepRow>(
    `SELECT exception_id, at_ms, step, by_name, done, note FROM exception_steps
     WHERE exception_id = ANY($1::bigint[]) ORDER BY id DESC`,
    [rows.map(({ id }) => id)],
  );
  return rows.map((row) => caseOf(row, steps));
}

function caseOf(row: Row, steps: readonly StepRow[]): ExceptionCase {
  return {
    id: row.id,
    at: toInstant(row.at_ms),
    code: row.code,
    state: row.state,
    storeId: row.store_id,
    tillId: row.till_id,
    incarnation: row.incarnation,
    seq: row.seq,
    memberId: row.member_id,
    entry:
      row.kind === null
        ? null
        : {
            kind: row.kind,
            saleId: row.sale_id,
            returnId: row.return_id,
            at: toInstant(row.entry_at_ms),
            businessDay: row.business_day,
            payableMinor: row.payable_minor,
            currency: row.currency,
            pointsEarned: row.points_earned,
            pointsSpent: row.points_spent,
          },
    detail: JSON.parse(row.detail) as ExceptionCase['detail'],
    steps: steps
      .filter(({ exception_id }) => exception_id === row.id)
      .slice(0, EXCEPTION_STEPS_MAX)
      .map(stepOf),
  };
}

function stepOf({ at_ms, step, by_name, done, note }: StepRow): ExceptionCase['steps'][number] {
  const told = { at: toInstant(at_ms), by: by_name, note };
  return step === 'settled'
    ? ({ step, ...told, done } as ExceptionCase['steps'][number])
    : { step, ...told };
}
