import { createHash } from 'node:crypto';
import type { RowSource } from './row-source.ts';
import { batchesOf, type SourceRow } from './source-row.ts';

/** Rows of a file by their numbers. */
export interface RowChoice {
  readonly rowNos: ReadonlySet<number>;
}

/** Only some rows of a source, which make a source of their own. */
export function chosenRows(source: RowSource, { rowNos }: RowChoice): RowSource {
  const hash = createHash('sha256').update(source.file.mark);
  for (const rowNo of rowNos) hash.update(`\n${rowNo}`);
  const { encoding, sizeBytes, bytesRead } = source.file;
  return {
    ...source,
    file: { encoding, sizeBytes, bytesRead, mark: hash.digest('hex') },
    batches: (rows) => batchesOf(rows, chosenOf(source.batches(rows), rowNos)),
  };
}

async function* chosenOf(
  batches: AsyncGenerator<readonly SourceRow[]>,
  rowNos: ReadonlySet<number>,
): AsyncGenerator<readonly SourceRow[]> {
  for await (const rows of batches) yield rows.filter(({ rowNo }) => rowNos.has(rowNo));
}
