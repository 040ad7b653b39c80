import { err, ok, type Result } from '../../../agent/contract/result.ts';
import type { HqSession } from '../database/database.ts';
import { isHqDatabaseError } from '../database/hq-database-error.ts';
import type { HqDeps } from '../deps.ts';
import { inBulk } from '../records/bulk.ts';
import { articleTarget, staffTarget, storeTarget, tagTarget } from './chain-targets.ts';
import { type ImportFailure, importFailure } from './import-failure.ts';
import type { ImportKind } from './import-fields.ts';
import type { RowProblem } from './import-problem.ts';
import {
  advanced,
  beginImport,
  digestOf,
  endImport,
  FIRST_DIGEST,
  findFinished,
  type ImportState,
  moveImport,
} from './import-state.ts';
import type { BatchResult, ImportContext, ImportTarget } from './import-target.ts';
import { IMPORT_BATCH_TRIES } from './limits.ts';
import { memberTarget } from './member-target.ts';
import {
  openRowSource,
  type RowSource,
  type RowSourceOptions,
  type SourceRow,
} from './row-source.ts';

export interface ImportOptions extends RowSourceOptions {
  /** Checks the file and writes nothing. Doubles are seen within a batch and against HQ. */
  readonly dryRun?: boolean | undefined;
  /** Imports from the start also where this file was imported, or begun, before. */
  readonly again?: boolean | undefined;
  readonly onProgress?: ((progress: ImportProgress) => void) | undefined;
  /** Of a dry run, whose problems are filed nowhere. */
  readonly onProblems?: ((problems: readonly RowProblem[]) => void) | undefined;
}

export interface ImportProgress {
  readonly rowsRead: number;
  readonly bytesRead: number;
  readonly sizeBytes: number;
  readonly rowsPerSecond: number;
  /** Seconds until the end at this rate; `null` while nobody can tell. */
  readonly secondsLeft: number | null;
}

export interface ImportSummary extends Omit<ImportState, 'digest'> {
  readonly kind: ImportKind;
  readonly encoding: string;
  readonly format: string;
  readonly columns: RowSource['used'];
  /** Columns that nobody knows: left out. */
  readonly ignoredColumns: readonly string[];
  /** Rows that an earlier run had written already. */
  readonly resumedAfterRows: number;
  /** The file had been imported before; nothing was done. */
  readonly before: boolean;
  readonly dryRun: boolean;
}

// biome-ignore lint/suspicious/noExplicitAny: what a target prepares is its own affair; it only comes back to it.
const TARGETS: Readonly<Record<ImportKind, ImportTarget<any>>> = {
  members: memberTarget,
  articles: articleTarget,
  staff: staffTarget,
  stores: storeTarget,
  tags: tagTarget,
};

/** Another transaction came first: the batch sees what it left and is tried again. */
const RETRIED: ReadonlySet<string | null> = new Set(['40001', '40P01', '23505']);

/**
 * Imports a file: batch by batch, each in one transaction with the note of how far it got, so that a run that was killed
 * goes on where it stopped and ends as a single run would have. The file is read in bounded memory.
 */
export async function importFile(
  deps: HqDeps,
  options: ImportOptions,
): Promise<Result<ImportSummary, ImportFailure>> {
  const source = await openRowSource(options);
  if (!source.ok) return source;
  try {
    return await importRows(deps, options, source.value);
  } finally {
    await source.value.close();
  }
}

async function importRows(
  deps: HqDeps,
  options: ImportOptions,
  source: RowSource,
): Promise<Result<ImportSummary, ImportFailure>> {
  const { kind, dryRun = false, again = false } = options;
  const { mark, encoding } = source.file;
  const chosen = JSON.stringify({
    format: source.format,
    encoding,
    mapping: options.mapping ?? {},
  });
  const summary = (
    state: ImportState,
    resumedAfterRows: number,
    before: boolean,
  ): ImportSummary => {
    const { digest: _digest, ...counts } = state;
    const columns = source.used;
    const ignoredColumns = source.ignored();
    const { format } = source;
    return {
      kind,
      ...counts,
      encoding,
      format,
      columns,
      ignoredColumns,
      resumedAfterRows,
      before,
      dryRun,
    };
  };

  if (dryRun) {
    const state = await tryRows(deps, options, source);
    return ok(summary(state, 0, false));
  }
  const finished = again ? undefined : await findFinished(deps.db, kind, mark, chosen);
  if (finished !== undefined && (await digestOfFile(options)) === finished.digest) {
    return ok(summary(finished, finished.rowsRead, true));
  }
  const begun = await beginImport(deps, { kind, mark, options: chosen, again });
  if (!begun.ok) return begun;
  const resumedAfterRows = begun.value.state.rowsRead;
  const context: ImportContext = { deps, encoding, startedAtMs: begun.value.state.startedAtMs };
  const report = progressOf(deps, source, options);

  const target = TARGETS[kind];
  let state = begun.value.state;
  let passed = { rows: 0, digest: FIRST_DIGEST };
  for await (const rows of source.batches(target.batchRows)) {
    if (passed.rows < resumedAfterRows) {
      passed = { rows: passed.rows + rows.length, digest: digestOf(passed.digest, rows) };
      if (passed.rows < resumedAfterRows) continue;
      if (passed.rows > resumedAfterRows || passed.digest !== state.digest) {
        return err(importFailure('file-changed', options.path));
      }
      continue;
    }
    const prepared = await target.prepare(rows, context);
    const written = await writeBatch(deps, state, rows, (tx) =>
      target.write(tx, prepared, context),
    );
    if (!written.ok) return written;
    state = written.value;
    report(state.rowsRead, resumedAfterRows);
  }
  if (passed.rows < resumedAfterRows) return err(importFailure('file-changed', options.path));
  await endImport(deps, state);
  return ok(summary(state, resumedAfterRows, false));
}

/** The digest that importing the whole file would end with; `undefined` where it cannot be read. */
async function digestOfFile(options: ImportOptions): Promise<string | undefined> {
  const source = await openRowSource(options);
  if (!source.ok) return undefined;
  let digest = FIRST_DIGEST;
  try {
    for await (const rows of source.value.batches(TARGETS[options.kind].batchRows)) {
      digest = digestOf(digest, rows);
    }
  } finally {
    await source.value.close();
  }
  return digest;
}

async function writeBatch(
  deps: HqDeps,
  state: ImportState,
  rows: readonly SourceRow[],
  write: (tx: HqSession) => Promise<BatchResult>,
): Promise<Result<ImportState, ImportFailure>> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await inBulk(deps.db, async (tx): Promise<Result<ImportState, ImportFailure>> => {
        const result = await write(tx);
        const next = advanced(state, rows, result);
        if (await moveImport(tx, state, next, result.problems)) return ok(next);
        throw new MovedMeanwhile();
      });
    } catch (error) {
      if (error instanceof MovedMeanwhile) return err(importFailure('already-running', ''));
      const again =
        isHqDatabaseError(error) && RETRIED.has(error.code) && tries < IMPORT_BATCH_TRIES;
      if (!again) throw error;
    }
  }
}

/** Rolls a batch back that another program has written. */
class MovedMeanwhile extends Error {}
/** Rolls a trial back, and carries out what it came to. */
class OnlyTried extends Error {
  readonly result: BatchResult;
  constructor(result: BatchResult) {
    super('only tried');
    this.result = result;
  }
}

async function rolledBack(
  deps: HqDeps,
  write: (tx: HqSession) => Promise<BatchResult>,
): Promise<BatchResult> {
  try {
    return await inBulk(deps.db, async (tx): Promise<never> => {
      throw new OnlyTried(await write(tx));
    });
  } catch (error) {
    if (error instanceof OnlyTried) return error.result;
    throw error;
  }
}

/** Every batch in a transaction that is rolled back. */
async function tryRows(
  deps: HqDeps,
  options: ImportOptions,
  source: RowSource,
): Promise<ImportState> {
  const target = TARGETS[options.kind];
  const context: ImportContext = {
    deps,
    encoding: source.file.encoding,
    startedAtMs: deps.nowMs(),
  };
  const report = progressOf(deps, source, options);
  let state: ImportState = {
    importId: '',
    startedAtMs: context.startedAtMs,
    rowsRead: 0,
    rowsAdded: 0,
    rowsChanged: 0,
    rowsMerged: 0,
    rowsRefused: 0,
    digest: FIRST_DIGEST,
  };
  for await (const rows of source.batches(target.batchRows)) {
    const prepared = await target.prepare(rows, context);
    const result = await rolledBack(deps, (tx) => target.write(tx, prepared, context));
    options.onProblems?.(result.problems);
    state = advanced(state, rows, result);
    report(state.rowsRead, 0);
  }
  return state;
}

function progressOf(
  deps: HqDeps,
  { file }: RowSource,
  { onProgress }: ImportOptions,
): (rowsRead: number, resumedAfterRows: number) => void {
  const beganMs = deps.nowMs();
  let firstBytes: number | null = null;
  return (rowsRead, resumedAfterRows) => {
    if (onProgress === undefined) return;
    firstBytes ??= resumedAfterRows > 0 ? file.bytesRead() : 0;
    const seconds = Math.max(0.001, (deps.nowMs() - beganMs) / 1_000);
    const bytesRead = file.bytesRead();
    const perSecond = (bytesRead - firstBytes) / seconds;
    onProgress({
      rowsRead,
      bytesRead,
      sizeBytes: file.sizeBytes,
      rowsPerSecond: Math.round((rowsRead - resumedAfterRows) / seconds),
      secondsLeft: perSecond > 0 ? Math.ceil((file.sizeBytes - bytesRead) / perSecond) : null,
    });
  };
}
