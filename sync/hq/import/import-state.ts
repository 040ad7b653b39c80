import { createHash } from 'node:crypto';
import { UUID_RANDOM_BYTES, uuidv7 } from '../../../agent/contract/ids.ts';
import { err, ok, type Result } from '../../../agent/contract/result.ts';
import type { HqSession } from '../database/database.ts';
import { isHqDatabaseError } from '../database/hq-database-error.ts';
import type { HqDeps } from '../deps.ts';
import { type ImportFailure, importFailure } from './import-failure.ts';
import type { ImportKind } from './import-fields.ts';
import type { RowProblem } from './import-problem.ts';
import type { BatchResult } from './import-target.ts';
import type { SourceRow } from './source-row.ts';

/** How far an import got; it moves in the transaction of the rows themselves. */
export interface ImportState {
  readonly importId: string;
  readonly startedAtMs: number;
  readonly rowsRead: number;
  readonly rowsAdded: number;
  readonly rowsChanged: number;
  readonly rowsMerged: number;
  readonly rowsRefused: number;
  /** See {@link digestOf}. */
  readonly digest: string;
}

export const FIRST_DIGEST = '0'.repeat(64);

interface StateRow {
  readonly import_id: string;
  readonly options: string;
  readonly digest: string;
  readonly rows_read: number;
  readonly rows_added: number;
  readonly rows_changed: number;
  readonly rows_merged: number;
  readonly rows_refused: number;
  readonly started_at_ms: number;
}

const COLUMNS =
  'import_id, options, digest, rows_read, rows_added, rows_changed, rows_merged, rows_refused, started_at_ms';

/** The import of this file that was not finished, or a fresh one. With `again` an unfinished one is given up first. */
export async function beginImport(
  deps: HqDeps,
  {
    kind,
    mark,
    options,
    again,
  }: { kind: ImportKind; mark: string; options: string; again: boolean },
): Promise<Result<{ state: ImportState; resumed: boolean }, ImportFailure>> {
  const { db } = deps;
  const nowMs = deps.nowMs();
  if (again) {
    await db.query(
      `UPDATE imports SET state = 'done', ended_at_ms = $3
       WHERE kind = $1 AND file_mark = $2 AND state = 'running'`,
      [kind, mark, nowMs],
    );
  }
  const [running] = await db.query<StateRow>(
    `SELECT ${COLUMNS} FROM imports WHERE kind = $1 AND file_mark = $2 AND state = 'running'`,
    [kind, mark],
  );
  if (running !== undefined) {
    if (running.options !== options) return err(importFailure('options-differ', running.options));
    return ok({ state: stateOf(running), resumed: true });
  }
  const importId = uuidv7(nowMs, deps.random(UUID_RANDOM_BYTES));
  try {
    await db.query(
      `INSERT INTO imports (import_id, kind, file_mark, options, digest, rows_read, rows_added,
         rows_changed, rows_merged, rows_refused, state, started_at_ms)
       VALUES ($1, $2, $3, $4, $5, 0, 0, 0, 0, 0, 'running', $6)`,
      [importId, kind, mark, options, FIRST_DIGEST, nowMs],
    );
  } catch (error) {
    // The unique index: another program began with this file in the same moment.
    if (isHqDatabaseError(error) && error.code === '23505') {
      return err(importFailure('already-running', ''));
    }
    throw error;
  }
  const state: ImportState = {
    importId,
    startedAtMs: nowMs,
    rowsRead: 0,
    rowsAdded: 0,
    rowsChanged: 0,
    rowsMerged: 0,
    rowsRefused: 0,
    digest: FIRST_DIGEST,
  };
  return ok({ state, resumed: false });
}

/**
 * The latest finished import of a file with this mark and these options. The mark knows size and ends only: whether it
 * was this very file, its digest tells.
 */
export async function findFinished(
  session: HqSession,
  kind: ImportKind,
  mark: string,
  options: string,
): Promise<ImportState | undefined> {
  const [row] = await session.query<StateRow>(
    `SELECT ${COLUMNS} FROM imports WHERE kind = $1 AND file_mark = $2 AND options = $3
       AND state = 'done' AND NOT EXISTS (SELECT 1 FROM imports AS r
         WHERE r.kind = $1 AND r.file_mark = $2 AND r.state = 'running')
     ORDER BY started_at_ms DESC LIMIT 1`,
    [kind, mark, options],
  );
  return row === undefined ? undefined : stateOf(row);
}

/**
 * Moves an import over one batch and files what there is to say about its rows. @returns `false` where another program
 * moved it meanwhile: then this batch must not be written.
 */
export async function moveImport(
  tx: HqSession,
  from: ImportState,
  to: ImportState,
  problems: readonly RowProblem[],
): Promise<boolean> {
  const moved = await tx.query(
    `UPDATE imports SET rows_read = $3, rows_added = $4, rows_changed = $5, rows_merged = $6,
       rows_refused = $7, digest = $8
     WHERE import_id = $1 AND rows_read = $2 AND state = 'running' RETURNING import_id`,
    [
      from.importId,
      from.rowsRead,
      to.rowsRead,
      to.rowsAdded,
      to.rowsChanged,
      to.rowsMerged,
      to.rowsRefused,
      to.digest,
    ],
  );
  if (moved.length === 0) return false;
  if (problems.length === 0) return true;
  const numbers = new Map<number, number>();
  const numbered = problems.map((problem) => {
    const n = (numbers.get(problem.rowNo) ?? 0) + 1;
    numbers.set(problem.rowNo, n);
    return { ...problem, n };
  });
  await tx.query(
    `INSERT INTO import_errors (import_id, row_no, n, field, code, value, message)
     SELECT $1::text, * FROM unnest($2::bigint[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[])`,
    [
      from.importId,
      numbered.map(({ rowNo }) => rowNo),
      numbered.map(({ n }) => n),
      numbered.map(({ field }) => field),
      numbered.map(({ code }) => code),
      numbered.map(({ value }) => value),
      numbered.map(({ message }) => JSON.stringify(message)),
    ],
  );
  return true;
}

export async function endImport(deps: HqDeps, state: ImportState): Promise<void> {
  await deps.db.query(
    `UPDATE imports SET state = 'done', ended_at_ms = $3
     WHERE import_id = $1 AND rows_read = $2 AND state = 'running'`,
    [state.importId, state.rowsRead, deps.nowMs()],
  );
}

/** The state after a batch. */
export function advanced(
  state: ImportState,
  rows: readonly SourceRow[],
  { added, changed, merged, refused }: BatchResult,
): ImportState {
  return {
    ...state,
    rowsRead: state.rowsRead + rows.length,
    rowsAdded: state.rowsAdded + added,
    rowsChanged: state.rowsChanged + changed,
    rowsMerged: state.rowsMerged + merged,
    rowsRefused: state.rowsRefused + refused,
    digest: digestOf(state.digest, rows),
  };
}

/** SHA-256 over the digest before and the rows as they stand in the file. */
export function digestOf(before: string, rows: readonly SourceRow[]): string {
  const hash = createHash('sha256').update(before);
  for (const { raw } of rows) hash.update('\n').update(raw);
  return hash.digest('hex');
}

function stateOf(row: StateRow): ImportState {
  return {
    importId: row.import_id,
    startedAtMs: Number(row.started_at_ms),
    rowsRead: Number(row.rows_read),
    rowsAdded: Number(row.rows_added),
    rowsChanged: Number(row.rows_changed),
    rowsMerged: Number(row.rows_merged),
    rowsRefused: Number(row.rows_refused),
    digest: row.digest,
  };
}
