import { createHash } from 'node:crypto';
import { Client, type types } from 'pg';
import { assert, err, ok, type Result } from '../../../agent/contract/result.ts';
import { type ColumnMap, createColumnMap, readHeader } from './column-map.ts';
import { type ImportFailure, importFailure } from './import-failure.ts';
import type { ImportKind } from './import-fields.ts';
import { IMPORT_ROW_MAX_CHARS, SOURCE_FETCH_ROWS, SOURCE_STATEMENT_MS } from './limits.ts';
import { maskLongNumbers } from './mask-value.ts';
import type { RowSource } from './row-source.ts';
import { SourceLost } from './source-lost.ts';
import { batchesOf, rowOfCells, type SourceRow } from './source-row.ts';

/** Longest wait for the source's server, in milliseconds. */
const CONNECT_MS = 10_000;

/** A table or view of a PostgreSQL server. */
export interface TableAddress {
  /** `postgres://user@host:port/name`; a password is better left to PGPASSWORD or a password file. */
  readonly url: string;
  /** As SQL names it, with its schema or without. */
  readonly table: string;
  /** Only rows whose column is at or beyond `from`; without a value all. */
  readonly since?: { readonly column: string; readonly from?: string | undefined } | undefined;
  /** The chain's, in which times without a zone are meant. */
  readonly timeZone: string;
}

/** The rows of a table, and how far its `since` column had come when they were read. */
export interface TableSource extends RowSource {
  readonly sinceValue: string | undefined;
}

interface Column {
  readonly name: string;
  readonly quoted: string;
  /** Times, lists and JSON come as JSON; everything else as its text, so that no long number is rounded. */
  readonly isJson: boolean;
}

/**
 * Opens a table for reading in one snapshot that writes nothing: rows come through a cursor in the order of their keys, in
 * bounded memory, and each statement ends after {@link SOURCE_STATEMENT_MS}. Failures never show the password.
 */
export async function openTableSource(
  { url, table, since, timeZone }: TableAddress,
  kind: ImportKind,
  mapping?: Readonly<Record<string, string>>,
): Promise<Result<TableSource, ImportFailure>> {
  const map = createColumnMap(kind, mapping);
  if (!map.ok) return map;
  const shown = tableLabel(url, table);
  if (shown === undefined) return err(importFailure('source-unreachable', 'postgres://...'));
  let client: Client;
  try {
    client = new Client({
      connectionString: url,
      connectionTimeoutMillis: CONNECT_MS,
      statement_timeout: SOURCE_STATEMENT_MS,
      query_timeout: SOURCE_STATEMENT_MS + CONNECT_MS,
      application_name: 'tillside-hq-import',
      types: { getTypeParser: () => (value: string) => value } as unknown as typeof types,
    });
  } catch {
    // What is wrong with an address may quote its password.
    return err(importFailure('source-unreachable', shown));
  }
  // A connection that breaks between two statements fails the next one.
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (cause) {
    await client.end();
    return err(importFailure('source-unreachable', `${shown}: ${saidBy(cause)}`));
  }
  const wanted = { shown, table, since, timeZone };
  const opened = await openCursor(client, wanted, map.value).catch((cause) =>
    err(importFailure('source-refused', `${shown}: ${saidBy(cause)}`)),
  );
  if (!opened.ok) await client.end();
  return opened;
}

/** How a table is named in reports and logs: without user and password. */
export function tableLabel(url: string, table: string): string | undefined {
  try {
    const { protocol, host, pathname } = new URL(url);
    if (!/^postgres(ql)?:$/.test(protocol)) return undefined;
    return `${protocol}//${host}${pathname} ${table}`;
  } catch {
    // No address at all; the caller says so without repeating it.
    return undefined;
  }
}

interface Wanted extends Omit<TableAddress, 'url'> {
  readonly shown: string;
}

async function openCursor(
  client: Client,
  { shown, table, since, timeZone }: Wanted,
  map: ColumnMap,
): Promise<Result<TableSource, ImportFailure>> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  await client.query(
    `SELECT set_config('TimeZone', $1, true), set_config('DateStyle', 'ISO', true),
       set_config('extra_float_digits', '1', true), set_config('bytea_output', 'hex', true)`,
    [timeZone],
  );
  const {
    rows: [found],
  } = await client.query<{ oid: string; name: string }>(
    `SELECT c.oid, format('%I.%I', n.nspname, c.relname) AS name
     FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = to_regclass($1)`,
    [table],
  );
  if (found === undefined) return err(importFailure('table-unknown', shown));
  const columns = await columnsOf(client, found.oid);
  const header = readHeader(
    map,
    columns.map(({ name }) => name),
  );
  if (!header.ok) return header;
  const { fields, used, ignored } = header.value;
  const taken = columns.filter((_, n) => fields[n] != null);
  const [needed] = map.required;
  const key = columns.find((_, n) => fields[n]?.field === needed);
  assert(key !== undefined, 'a header has the column that it needs');
  const by = columns.find(({ name }) => name === since?.column);
  if (since !== undefined && by === undefined)
    return err(importFailure('since-unknown', since.column));
  const where =
    by === undefined || since?.from === undefined
      ? ''
      : ` WHERE ${by.quoted} >= ${client.escapeLiteral(since.from)}`;
  const {
    rows: [size],
  } = await client.query<{ rows: string; last: string | null }>(
    `SELECT count(*) AS rows, ${by === undefined ? 'NULL' : `max(${by.quoted})::text`} AS last
     FROM ${found.name}${where}`,
  );
  const order = [`${key.quoted}::text COLLATE "C"`, `(${rowText(taken)}) COLLATE "C"`];
  await client.query(
    `DECLARE source_rows NO SCROLL CURSOR FOR SELECT ${taken.map(textOf).join(', ')}
     FROM ${found.name}${where} ORDER BY ${order.join(', ')}`,
  );
  let rowsRead = 0;
  const mark = createHash('sha256')
    .update(JSON.stringify([shown, found.name, used, since?.column ?? '', since?.from ?? '']))
    .digest('hex');
  return ok({
    file: {
      encoding: 'utf-8',
      sizeBytes: Number(size?.rows ?? 0),
      mark,
      bytesRead: () => rowsRead,
    },
    format: 'postgresql',
    used,
    sinceValue: size?.last ?? since?.from,
    ignored: () => [...ignored],
    batches(rows) {
      return batchesOf(rows, read());
    },
    async close() {
      await client.end();
    },
  });

  async function* read(): AsyncGenerator<readonly SourceRow[]> {
    const toRow = rowOfCells({ fields: fields.filter((field) => field !== null) });
    for (;;) {
      const { rows } = await client
        .query<(string | null)[]>({
          text: `FETCH FORWARD ${SOURCE_FETCH_ROWS} FROM source_rows`,
          rowMode: 'array',
        })
        .catch((cause) => {
          throw new SourceLost(importFailure('source-refused', `${shown}: ${saidBy(cause)}`));
        });
      if (rows.length === 0) return;
      yield rows.map((values) => {
        rowsRead += 1;
        const raw = JSON.stringify(values);
        if (raw.length > IMPORT_ROW_MAX_CHARS)
          return { rowNo: rowsRead, raw: raw.slice(0, 200), values: {}, fault: 'row-too-long' };
        const cells = values.map((value, n) => {
          if (value === null) return undefined;
          return taken[n]?.isJson === true ? (JSON.parse(value) as unknown) : value;
        });
        return toRow(rowsRead, raw, cells);
      });
    }
  }
}

async function columnsOf(client: Client, oid: string): Promise<Column[]> {
  const { rows } = await client.query<{ name: string; quoted: string; json: string }>(
    `SELECT a.attname AS name, quote_ident(a.attname) AS quoted,
       (t.typcategory IN ('A', 'D') OR t.typname IN ('json', 'jsonb'))::text AS json
     FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid
     WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
    [oid],
  );
  return rows.map(({ name, quoted, json }) => ({ name, quoted, isJson: json === 'true' }));
}

function textOf({ quoted, isJson }: Column): string {
  return isJson ? `to_jsonb(${quoted})::text` : `${quoted}::text`;
}

/** Rows of one key come in one order on every reading. */
function rowText(columns: readonly Column[]): string {
  return columns.map((column) => `coalesce(${textOf(column)}, '')`).join(` || ',' || `);
}

function saidBy(cause: unknown): string {
  const said =
    cause instanceof Error
      ? cause.message || String((cause as { code?: string }).code)
      : String(cause);
  return maskLongNumbers(said);
}
