import type { Header } from './column-map.ts';
import { IMPORT_BATCH_MAX_CHARS } from './limits.ts';
import type { RecordFault } from './source-record.ts';

/** One row: its values by field, or why it could not be read. */
export interface SourceRow {
  readonly rowNo: number;
  readonly raw: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly fault?: RecordFault | { readonly extraCells: number };
}

/** Cuts rows into batches of `rows`, or fewer where they are long. */
export async function* batchesOf(
  rows: number,
  source: AsyncGenerator<readonly SourceRow[]>,
): AsyncGenerator<readonly SourceRow[]> {
  let batch: SourceRow[] = [];
  let chars = 0;
  for await (const some of source) {
    for (const row of some) {
      batch.push(row);
      chars += row.raw.length;
      if (batch.length < rows && chars < IMPORT_BATCH_MAX_CHARS) continue;
      yield batch;
      batch = [];
      chars = 0;
    }
  }
  if (batch.length > 0) yield batch;
}

/** Reads the cells of a row, one for each column of the header, by the fields that those mean. */
export function rowOfCells({
  fields,
}: Pick<Header, 'fields'>): (rowNo: number, raw: string, cells: readonly unknown[]) => SourceRow {
  return (rowNo, raw, cells) => {
    const extraCells = cells.slice(fields.length).filter((cell) => !isBlank(cell)).length;
    if (extraCells > 0) return { rowNo, raw, values: {}, fault: { extraCells } };
    const values: Record<string, unknown> = {};
    for (const [index, field] of fields.entries()) {
      const cell = cells[index];
      if (field === null || cell === undefined) continue;
      if (field.list !== true) values[field.field] = cell;
      else if (!isBlank(cell)) values[field.field] = joined(values[field.field], cell);
    }
    return { rowNo, raw, values };
  };
}

function isBlank(cell: unknown): boolean {
  return typeof cell === 'string' && cell.trim() === '';
}

/** A list field gathers the values of several columns. */
export function joined(before: unknown, more: unknown): unknown[] {
  const list = (value: unknown): unknown[] =>
    value === undefined ? [] : Array.isArray(value) ? value : [value];
  return [...list(before), ...list(more)];
}
