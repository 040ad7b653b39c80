import { err, ok, type Result } from '../../../agent/contract/result.ts';
import type { HqDeps } from '../deps.ts';
import { chosenRows, type RowChoice } from './chosen-rows.ts';
import { type ImportFailure, importFailure } from './import-failure.ts';
import type { ImportKind } from './import-fields.ts';
import { IMPORT_PROBLEMS, type RowProblem } from './import-problem.ts';
import {
  advanced,
  beginImport,
  digestOf,
  endImport,
  FIRST_DIGEST,
  findFinished,
  type ImportState,
} from './import-state.ts';
import type { ImportContext, KeyedRow } from './import-target.ts';
import { IMPORT_TARGETS } from './import-targets.ts';
import {
  DEFAULT_SOURCE,
  noteImported,
  readSince,
  sourceIdOf,
  writeSince,
} from './imported-rows.ts';
import { createProgress, type Done, type ImportProgress } from './progress.ts';
import { openRowSource, type RowSource, type RowSourceOptions } from './row-source.ts';
import { SourceLost } from './source-lost.ts';
import { type TableAddress, tableLabel } from './table-source.ts';
import { tryBatch, writeBatch } from './write-batch.ts';

export interface ImportOptions extends RowSourceOptions {
  /** The system that the rows come from: a proof holds HQ against it. {@link DEFAULT_SOURCE} unless named. */
  readonly source?: string | undefined;
  /** Imports only these rows of the file. */
  readonly only?: RowChoice | undefined;
  /** A row replaces what HQ has also where HQ's is of a later hour: a proof has named it. */
  readonly sourceWins?: boolean | undefined;
  /** Checks the file and writes nothing. Doubles are seen within a batch and against HQ. */
  readonly dryRun?: boolean | undefined;
  /** Imports from the start also where this file was imported, or begun, before. */
  readonly again?: boolean | undefined;
  readonly onProgress?: ((progress: ImportProgress) => void) | undefined;
  /** Of a dry run, whose problems are filed nowhere. */
  readonly onProblems?: ((problems: readonly RowProblem[]) => void) | undefined;
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

/**
 * Imports a file: batch by batch, each in one transaction with the note of how far it got, so that a run that was killed
 * goes on where it stopped and ends as a single run would have. The file is read in bounded memory.
 */
export async function importFile(
  deps: HqDeps,
  options: ImportOptions,
): Promise<Result<ImportSummary, ImportFailure>> {
  const table = options.table && (await withSince(deps, options, options.table));
  const done = await importOnce(deps, { ...options, table });
  // A table goes on changing, and what is there already costs only its reading.
  const restart = table !== undefined && !done.ok && done.error.code === 'file-changed';
  return restart ? importOnce(deps, { ...options, table, again: true }) : done;
}

/** A table read by a column that only grows begins where the last finished import ended. */
async function withSince(
  { db }: HqDeps,
  { kind, source = DEFAULT_SOURCE }: ImportOptions,
  table: TableAddress,
): Promise<TableAddress> {
  if (table.since === undefined) return table;
  const { column } = table.since;
  const from = await readSince(db, kind, source, { table: sinceTable(table), column });
  return { ...table, since: { column, from } };
}

function sinceTable({ url, table }: TableAddress): string {
  return tableLabel(url, table) ?? table;
}

async function importOnce(
  deps: HqDeps,
  options: ImportOptions,
): Promise<Result<ImportSummary, ImportFailure>> {
  const opened = await openRowSource(options);
  if (!opened.ok) return opened;
  const source = options.only === undefined ? opened.value : chosenRows(opened.value, options.only);
  try {
    return await importRows(deps, options, source);
  } catch (error) {
    if (error instanceof SourceLost) return err(error.failure);
    throw error;
  } finally {
    await source.close();
  }
}

async function importRows(
  deps: HqDeps,
  options: ImportOptions,
  source: RowSource,
): Promise<Result<ImportSummary, ImportFailure>> {
  const { kind, dryRun = false, again = false, source: from = DEFAULT_SOURCE } = options;
  const { mark, encoding } = source.file;
  const chosen = JSON.stringify({
    format: source.format,
    encoding,
    mapping: options.mapping ?? {},
    ...(from === DEFAULT_SOURCE ? {} : { source: from }),
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
  const sourceId = await sourceIdOf(deps.db, kind, from);
  const finished = again ? undefined : await findFinished(deps.db, kind, mark, chosen);
  if (finished !== undefined && (await digestOfFile(options)) === finished.digest) {
    return ok(summary(finished, finished.rowsRead, true));
  }
  const begun = await beginImport(deps, { kind, mark, options: chosen, again });
  if (!begun.ok) return begun;
  const resumedAfterRows = begun.value.state.rowsRead;
  const { startedAtMs } = begun.value.state;
  const { sourceWins } = options;
  const context: ImportContext = { deps, encoding, startedAtMs, sourceWins };
  const report = createProgress(deps.nowMs, options.onProgress);

  const target = IMPORT_TARGETS[kind];
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
    const keys = target.keysOf(prepared);
    const written = await writeBatch(deps, state, rows, async (tx) => {
      const result = await target.write(tx, prepared, context);
      await noteImported(tx, sourceId, takenKeys(keys, result.problems));
      return result;
    });
    if (!written.ok) return written;
    state = written.value;
    report({ ...doneOf(source, state), resumedAfterRows });
  }
  if (passed.rows < resumedAfterRows) return err(importFailure('file-changed', options.path));
  await endImport(deps, state);
  const { table } = options;
  if (table?.since !== undefined && source.sinceValue !== undefined && options.only === undefined) {
    const { column } = table.since;
    await writeSince(deps.db, sourceId, {
      table: sinceTable(table),
      column,
      value: source.sinceValue,
    });
  }
  return ok(summary(state, resumedAfterRows, false));
}

/** The keys of the rows that were not refused. */
function takenKeys(rows: readonly KeyedRow[], problems: readonly RowProblem[]): string[] {
  const refused = new Set(
    problems.flatMap(({ rowNo, code }) =>
      IMPORT_PROBLEMS[code].kind === 'refused' ? [rowNo] : [],
    ),
  );
  return rows.flatMap(({ rowNo, key }) => (refused.has(rowNo) ? [] : [key]));
}

/** The digest that importing the whole file would end with; `undefined` where it cannot be read. */
async function digestOfFile(options: ImportOptions): Promise<string | undefined> {
  const opened = await openRowSource(options);
  if (!opened.ok) return undefined;
  const source = options.only === undefined ? opened.value : chosenRows(opened.value, options.only);
  let digest = FIRST_DIGEST;
  try {
    for await (const rows of source.batches(IMPORT_TARGETS[options.kind].batchRows)) {
      digest = digestOf(digest, rows);
    }
  } finally {
    await source.close();
  }
  return digest;
}

/** Every batch in a transaction that is rolled back. */
async function tryRows(
  deps: HqDeps,
  options: ImportOptions,
  source: RowSource,
): Promise<ImportState> {
  const target = IMPORT_TARGETS[options.kind];
  const context: ImportContext = {
    deps,
    encoding: source.file.encoding,
    startedAtMs: deps.nowMs(),
  };
  const report = createProgress(deps.nowMs, options.onProgress);
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
    const result = await tryBatch(deps, (tx) => target.write(tx, prepared, context));
    options.onProblems?.(result.problems);
    state = advanced(state, rows, result);
    report(doneOf(source, state));
  }
  return state;
}

function doneOf({ file }: RowSource, { rowsRead }: ImportState): Done {
  return { rowsRead, bytesRead: file.bytesRead(), sizeBytes: file.sizeBytes };
}
