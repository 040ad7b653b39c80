import type { HqSession } from '../database/database.ts';
import type { HqDeps } from '../deps.ts';
import type { RowProblem } from './import-problem.ts';
import { IMPORT_PROBLEMS, rowProblem } from './import-problem.ts';
import { IMPORT_ROW_MAX_PROBLEMS } from './limits.ts';
import { createRowReader, type RowReader } from './row-reader.ts';
import type { SourceRow } from './source-row.ts';

/** What stays the same during one import. */
export interface ImportContext {
  readonly deps: HqDeps;
  /** Encoding that the file is read in, for what is said about damaged rows. */
  readonly encoding: string;
  /** When this import began, also after it was interrupted. */
  readonly startedAtMs: number;
  /** A row counts also where HQ has one of a later hour. */
  readonly sourceWins?: boolean | undefined;
}

/** What became of the rows of a batch. */
export interface BatchResult {
  added: number;
  changed: number;
  merged: number;
  refused: number;
  readonly problems: RowProblem[];
}

/** A row and the key that it is kept by. */
export interface KeyedRow {
  readonly rowNo: number;
  readonly key: string;
}

/** Where the rows of one kind go. */
export interface ImportTarget<Prepared> {
  readonly batchRows: number;
  /** Reads the rows; nothing is written. Work that takes long (hashing) is done here, outside of the transaction. */
  prepare(rows: readonly SourceRow[], context: ImportContext): Promise<Prepared>;
  /** The rows that could be read. */
  keysOf(prepared: Prepared): readonly KeyedRow[];
  /** Writes what was prepared; tried again from the start where another transaction came between. */
  write(tx: HqSession, prepared: Prepared, context: ImportContext): Promise<BatchResult>;
}

/** Rows that could be read, and what is wrong with the others. */
export interface ReadRows<Draft> {
  readonly drafts: readonly Draft[];
  readonly problems: readonly RowProblem[];
  readonly refused: number;
}

/** Reads each row with `read`; a row with a problem is refused whole, with all its problems. */
export function readRows<Draft>(
  rows: readonly SourceRow[],
  { deps, encoding }: ImportContext,
  read: (reader: RowReader, rowNo: number) => Draft | undefined,
): ReadRows<Draft> {
  const drafts: Draft[] = [];
  const problems: RowProblem[] = [];
  let refused = 0;
  for (const row of rows) {
    const found = faultsOf(row);
    if (found.length === 0) {
      const { timeZone, currency } = deps;
      const reader = createRowReader(row, { timeZone, currency, encoding });
      const draft = read(reader, row.rowNo);
      if (draft !== undefined) drafts.push(draft);
      found.push(...reader.problems);
    }
    if (found.some(({ code }) => IMPORT_PROBLEMS[code].kind === 'refused')) refused += 1;
    problems.push(...found.slice(0, IMPORT_ROW_MAX_PROBLEMS));
  }
  return { drafts, problems, refused };
}

function faultsOf({ rowNo, fault }: SourceRow): RowProblem[] {
  if (fault === undefined) return [];
  if (typeof fault === 'string') return [rowProblem(rowNo, '', fault)];
  return [rowProblem(rowNo, '', 'too-many-cells', '', `+${fault.extraCells}`)];
}
