import { extname } from 'node:path';
import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { type ColumnMap, createColumnMap, type Header, readHeader } from './column-map.ts';
import { createCsvReader } from './csv-reader.ts';
import { type FileText, openFileText } from './file-text.ts';
import { type ImportFailure, importFailure } from './import-failure.ts';
import type { ImportKind } from './import-fields.ts';
import { createJsonLinesReader } from './json-lines-reader.ts';
import { IMPORT_COLUMNS_MAX, IMPORT_ROW_MAX_CHARS } from './limits.ts';
import type { RecordReader, SourceRecord } from './source-record.ts';
import { batchesOf, joined, rowOfCells, type SourceRow } from './source-row.ts';
import { openTableSource, type TableAddress } from './table-source.ts';
import type { ImportEncoding } from './text-encoding.ts';

export const IMPORT_FORMATS = ['csv', 'jsonl'] as const;
export type ImportFormat = (typeof IMPORT_FORMATS)[number];

export interface RowSourceOptions {
  readonly path: string;
  readonly kind: ImportKind;
  readonly format?: ImportFormat | undefined;
  readonly encoding?: ImportEncoding | undefined;
  /** Column (or JSON key) to field, beside the names that are known. */
  readonly mapping?: Readonly<Record<string, string>> | undefined;
  /** Reads this table instead of a file; `path` is then only what it is called. */
  readonly table?: TableAddress | undefined;
}

/** The rows of a file in order. */
export interface RowSource {
  /** Of a table, rows stand for bytes. */
  readonly file: Pick<FileText, 'encoding' | 'sizeBytes' | 'mark' | 'bytesRead'>;
  readonly format: ImportFormat | 'postgresql';
  /** Of a table read by a column that only grows: how far that had come. */
  readonly sinceValue?: string | undefined;
  /** Columns that mean a field. Empty for JSON lines, whose rows bring their own keys. */
  readonly used: Header['used'];
  /** Columns that nobody knows, each once; grows while JSON lines are read. */
  ignored(): readonly string[];
  /**
   * All rows from the first, in batches of `rows`, or fewer where they are long; the same on every reading.
   */
  batches(rows: number): AsyncGenerator<readonly SourceRow[]>;
  close(): Promise<void>;
}

/** Opens a table, or a CSV or JSON lines file: encoding, format, separator and columns are told by the file where not named. */
export async function openRowSource(
  options: RowSourceOptions,
): Promise<Result<RowSource, ImportFailure>> {
  if (options.table !== undefined)
    return openTableSource(options.table, options.kind, options.mapping);
  const map = createColumnMap(options.kind, options.mapping);
  if (!map.ok) return map;
  const file = await openFileText(options.path, options.encoding);
  if (!file.ok) return file;
  const source = await openRecords(options, map.value, file.value);
  if (!source.ok) await file.value.close();
  return source;
}

async function openRecords(
  { path, format: named }: RowSourceOptions,
  map: ColumnMap,
  file: FileText,
): Promise<Result<RowSource, ImportFailure>> {
  const chunks = file.chunks();
  const first = await chunks.next();
  const begin = first.done === true ? '' : first.value;
  if (begin.trim() === '' && begin.length < 1_000) return err(importFailure('file-empty', ''));
  if (begin.includes('\0')) return err(importFailure('not-text', 'NUL'));
  const format = named ?? formatOf(path, begin);
  if (format === 'jsonl') {
    if (!begin.trimStart().startsWith('{')) return err(importFailure('not-json-lines', path));
    const ignored = new Set<string>();
    const records = recordsOf(createJsonLinesReader(), begin, [], chunks);
    return ok(
      rowSource({ file, format, used: [], ignored, records, toRow: fromObject(map, ignored) }),
    );
  }
  const reader = createCsvReader(delimiterOf(begin));
  const waiting = reader.push(begin);
  let ended = false;
  while (waiting.length === 0 && !ended) {
    const more = await chunks.next();
    ended = more.done === true;
    waiting.push(...(more.done === true ? reader.end() : reader.push(more.value)));
  }
  const head = waiting.shift();
  if (head === undefined) return err(importFailure('file-empty', ''));
  if (head.content.kind !== 'cells')
    return err(importFailure('row-too-long', `> ${IMPORT_ROW_MAX_CHARS}`));
  const header = readHeader(map, head.content.cells);
  if (!header.ok) return header;
  const records = recordsOf(reader, '', waiting, chunks);
  const { used, ignored } = header.value;
  return ok(
    rowSource({
      file,
      format,
      used,
      ignored: new Set(ignored),
      records,
      toRow: fromCells(header.value),
    }),
  );
}

function formatOf(path: string, begin: string): ImportFormat {
  const extension = extname(path).toLowerCase();
  if (['.jsonl', '.ndjson', '.json'].includes(extension)) return 'jsonl';
  if (['.csv', '.tsv', '.txt'].includes(extension)) return 'csv';
  return begin.trimStart().startsWith('{') ? 'jsonl' : 'csv';
}

/** The separator that the first line has most of. */
function delimiterOf(begin: string): string {
  const line = begin.slice(0, (begin.indexOf('\n') + 1 || begin.length + 1) - 1);
  const counts = [',', ';', '\t', '|'].map((mark) => [mark, line.split(mark).length - 1] as const);
  return counts.reduce((best, one) => (one[1] > best[1] ? one : best))[0];
}

async function* recordsOf(
  reader: RecordReader,
  begin: string,
  waiting: readonly SourceRecord[],
  chunks: AsyncGenerator<string>,
): AsyncGenerator<readonly SourceRecord[]> {
  yield waiting;
  if (begin !== '') yield reader.push(begin);
  for await (const chunk of chunks) yield reader.push(chunk);
  yield reader.end();
}

interface Parts {
  readonly file: FileText;
  readonly format: ImportFormat;
  readonly used: Header['used'];
  readonly ignored: ReadonlySet<string>;
  readonly records: AsyncGenerator<readonly SourceRecord[]>;
  readonly toRow: (record: SourceRecord) => SourceRow;
}

function rowSource({ file, format, used, ignored, records, toRow }: Parts): RowSource {
  return {
    file,
    format,
    used,
    ignored: () => [...ignored],
    batches: (rows) => batchesOf(rows, rowsOf(records, toRow)),
    async close() {
      await records.return(undefined);
      await file.close();
    },
  };
}

async function* rowsOf(
  records: AsyncGenerator<readonly SourceRecord[]>,
  toRow: (record: SourceRecord) => SourceRow,
): AsyncGenerator<readonly SourceRow[]> {
  for await (const some of records) yield some.map(toRow);
}

function fromCells(header: Header): (record: SourceRecord) => SourceRow {
  const toRow = rowOfCells(header);
  return ({ rowNo, raw, content }) =>
    content.kind === 'cells' ? toRow(rowNo, raw, content.cells) : faulty(rowNo, raw, content);
}

function fromObject(map: ColumnMap, ignored: Set<string>): (record: SourceRecord) => SourceRow {
  return ({ rowNo, raw, content }) => {
    if (content.kind !== 'object') return faulty(rowNo, raw, content);
    const values: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(content.object)) {
      const field = map.fieldOf(key);
      if (field === undefined) {
        if (ignored.size < IMPORT_COLUMNS_MAX) ignored.add(key);
      } else if (field.list === true && values[field.field] !== undefined) {
        values[field.field] = joined(values[field.field], value);
      } else values[field.field] = value;
    }
    return { rowNo, raw, values };
  };
}

function faulty(rowNo: number, raw: string, content: SourceRecord['content']): SourceRow {
  return {
    rowNo,
    raw,
    values: {},
    fault: content.kind === 'fault' ? content.fault : 'json-syntax',
  };
}
