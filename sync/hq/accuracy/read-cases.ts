import { z } from 'zod';
import type { EntryHeader } from '../../../agent/contract/ledger.ts';
import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { toInstant } from '../../../agent/contract/time.ts';
import type { AccuracyCase } from '../../protocol/accuracy.ts';
import type { HqInput, HqReply } from '../../protocol/hq-api.ts';
import { type HqFailure, hqFailure } from '../../protocol/hq-error.ts';
import type { HqSession } from '../database/database.ts';

interface Row {
  readonly sale_id: string;
  readonly store_id: string;
  readonly till_id: string;
  readonly incarnation: string;
  readonly seq: number;
  readonly at_ms: number;
  readonly cause: AccuracyCase['cause'];
  readonly accurate: boolean;
  readonly fields: string;
  readonly differences: string;
  readonly header: string;
  readonly rules_in_force: number | null;
}

const placeSchema = z.tuple([z.int(), z.string(), z.string(), z.int()]);

/** The sales behind the figures, newest first: which rules came out otherwise, and why. */
export async function readCases(
  db: HqSession,
  { storeId, week, cause, after, limit }: HqInput<'accuracyCases'>,
): Promise<Result<HqReply<'accuracyCases'>, HqFailure>> {
  const place = after === undefined ? FIRST : placeOf(after);
  if (place === undefined) return err(hqFailure('invalid-input', 'after'));
  const [atMs, tillId, incarnation, seq] = place;
  const rows = await db.query<Row>(
    `SELECT e.*, l.header FROM evaluations_checked e
     JOIN ledger l ON l.till_id = e.till_id AND l.incarnation = e.incarnation AND l.seq = e.seq
     WHERE e.cause IS NOT NULL AND ($1::text IS NULL OR e.store_id = $1) AND ($2::text IS NULL OR e.week = $2)
       AND ($3::text IS NULL OR e.cause = $3)
       AND (e.at_ms, e.till_id, e.incarnation, e.seq) < ($4::bigint, $5::text, $6::text, $7::bigint)
     ORDER BY e.at_ms DESC, e.till_id DESC, e.incarnation DESC, e.seq DESC LIMIT $8`,
    [storeId ?? null, week ?? null, cause ?? null, atMs, tillId, incarnation, seq, limit + 1],
  );
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return ok({
    cases: shown.map(caseOf),
    next:
      last === undefined
        ? null
        : JSON.stringify([last.at_ms, last.till_id, last.incarnation, last.seq]),
  });
}

/** Before every row. */
const FIRST: z.infer<typeof placeSchema> = [Number.MAX_SAFE_INTEGER, '', '', 0];

function placeOf(after: string): z.infer<typeof placeSchema> | undefined {
  try {
    return placeSchema.safeParse(JSON.parse(after)).data;
  } catch {
    // No JSON is no place that a page ended at; the caller is told so.
    return undefined;
  }
}

function caseOf(row: Row): AccuracyCase {
  return {
    saleId: row.sale_id,
    storeId: row.store_id,
    tillId: row.till_id,
    seq: row.seq,
    at: toInstant(row.at_ms),
    cause: row.cause,
    accurate: row.accurate,
    fields: JSON.parse(row.fields) as string[],
    ruleSetVersion: (JSON.parse(row.header) as EntryHeader).ruleSetVersion,
    ruleSetInForce: row.rules_in_force,
    differences: JSON.parse(row.differences) as AccuracyCase['differences'],
  };
}
