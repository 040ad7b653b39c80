import type { Connection, SqlValue } from '../sqlite/connection.ts';

/** A row of the feed as this till holds it. */
export interface HeldRow {
  readonly key: string;
  /** 0 = written at this till. */
  readonly ver: number;
  readonly body: string;
  /** It lies aside, because this program cannot read it. */
  readonly aside: 0 | 1;
}

/** What finds a row beside its body, by column. */
export type Found = Readonly<Record<string, SqlValue>>;

/** Reads what the till holds of the feed's tables, whatever table that lies in here. */
export interface HeldRows {
  /** The row as it counts: one that lies aside is the last word on its key. Rows written here count as absent. */
  get(table: string, key: string): HeldRow | undefined;
  /** About `limit` rows after a key, in order of the key, one for each, those written here included. */
  after(table: string, key: string, limit: number): HeldSlice;
  /** The first table after `table` in alphabetical order that may have rows, digests or a root. */
  tableAfter(table: string): string | undefined;
}

export interface HeldSlice {
  readonly rows: readonly (HeldRow & Found)[];
  /** The key up to which these are all rows; absent = to the end of the table. */
  readonly to?: string;
}

interface TableForm {
  readonly name: string;
  readonly key: string;
  /** Columns that find a row. */
  readonly columns: readonly string[];
}

const TABLES: Readonly<Record<string, TableForm>> = {
  article: { name: 'articles', key: 'sku', columns: ['gtin14', 'name_zh', 'name_en'] },
  member: { name: 'members', key: 'member_id', columns: ['no', 'gsrn', 'phone_reversed'] },
  points: { name: 'points_accounts', key: 'member_id', columns: [] },
  staff: { name: 'staff', key: 'staff_id', columns: ['name', 'role', 'active', 'pin_hash'] },
};

export function createHeldRows(connection: Connection): HeldRows {
  const aside = connection.statement<HeldRow>(
    'SELECT key, ver, body, why IS NOT NULL AS aside FROM feed_rows WHERE tbl = ? AND key = ?',
  );
  const asideAfter = connection.statement<HeldRow & Found>(`
    SELECT key, ver, body, why IS NOT NULL AS aside FROM feed_rows WHERE tbl = ? AND key > ? ORDER BY key LIMIT ?`);
  const anyAside = connection.statement('SELECT 1 FROM feed_rows WHERE tbl = ? LIMIT 1');
  const next = ['feed_rows', 'fed_digests', 'fed_roots'].map((table) =>
    connection.statement<{ tbl: string }>(
      `SELECT tbl FROM ${table} WHERE tbl > ? ORDER BY tbl LIMIT 1`,
    ),
  );
  const own = new Map(
    Object.entries(TABLES).map(([table, { name, key, columns }]) => {
      const found = columns.map((column) => `, ${column}`).join('');
      const none = columns.map(() => ', NULL').join('');
      const rows = `SELECT ${key} AS key, ver, coalesce(body, '') AS body, 0 AS aside${found} FROM ${name}`;
      return [
        table,
        {
          one: connection.statement<HeldRow>(`${rows} WHERE ${key} = ? AND ver > 0`),
          alone: connection.statement<HeldRow & Found>(
            `${rows} WHERE ${key} > ? ORDER BY ${key} LIMIT ?`,
          ),
          both: connection.statement<HeldRow & Found>(`
            ${rows} WHERE ${key} > ? UNION ALL
            SELECT key, ver, body, 1${none} FROM feed_rows WHERE tbl = '${table}' AND key > ? ORDER BY 1, 4 LIMIT ?`),
        },
      ];
    }),
  );

  return {
    get: (table, key) => aside.get(table, key) ?? own.get(table)?.one.get(key),
    after(table, key, limit) {
      const statements = own.get(table);
      if (statements === undefined) return sliceOf(asideAfter.all(table, key, limit), limit);
      if (anyAside.get(table) === undefined)
        return sliceOf(statements.alone.all(key, limit), limit);
      // A key may have two rows: where the limit falls between them, the further one is read as well.
      const rows = statements.both.all(key, key, limit + 1);
      const last = rows[limit];
      if (last !== undefined && last.key !== rows[limit - 1]?.key) rows.pop();
      const { to } = sliceOf(rows, limit);
      const counted = rows.filter((row, i) => row.key !== rows[i + 1]?.key);
      return to === undefined ? { rows: counted } : { rows: counted, to };
    },
    tableAfter: (table) =>
      [
        ...Object.keys(TABLES).filter((name) => name > table),
        ...next.flatMap((statement) => statement.get(table)?.tbl ?? []),
      ].sort()[0],
  };
}

function sliceOf(rows: readonly (HeldRow & Found)[], limit: number): HeldSlice {
  const to = rows.length < limit ? undefined : rows.at(-1)?.key;
  return to === undefined ? { rows } : { rows, to };
}
