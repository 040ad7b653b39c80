import type { Connection } from '../sqlite/connection.ts';
import type { SegmentRow } from './decode-segment.ts';

/** Reads rows of a table of the feed as they came, after a key and in order of the key, at most `limit`. */
export type StoredRows = (table: string, after: string, limit: number) => SegmentRow[];

interface Row {
  readonly key: string;
  readonly ver: number;
  readonly body: string;
}

const TABLES: Readonly<Record<string, { readonly name: string; readonly key: string }>> = {
  member: { name: 'members', key: 'member_id' },
  points: { name: 'points_accounts', key: 'member_id' },
  staff: { name: 'staff', key: 'staff_id' },
  article: { name: 'articles', key: 'sku' },
};

/** The rows that the database has of the feed, those included that this program cannot read. */
export function createStoredRows(connection: Connection): StoredRows {
  const aside = connection.statement<Row>(
    'SELECT key, ver, body FROM feed_rows WHERE tbl = ? AND key > ? ORDER BY key LIMIT ?',
  );
  const anyAside = connection.statement('SELECT 1 FROM feed_rows WHERE tbl = ? LIMIT 1');
  const own = Object.fromEntries(
    Object.entries(TABLES).map(([table, { name, key }]) => [
      table,
      {
        alone: connection.statement<Row>(
          `SELECT ${key} AS key, ver, body FROM ${name} WHERE ${key} > ? ORDER BY ${key} LIMIT ?`,
        ),
        both: connection.statement<Row>(`
          SELECT ${key} AS key, ver, body FROM ${name} WHERE ${key} > ?
          UNION ALL SELECT key, ver, body FROM feed_rows WHERE tbl = '${table}' AND key > ?
          ORDER BY key LIMIT ?`),
      },
    ]),
  );

  return (table, after, limit) => {
    const statements = Object.hasOwn(own, table) ? own[table] : undefined;
    const rows =
      statements === undefined
        ? aside.all(table, after, limit)
        : anyAside.get(table) === undefined
          ? statements.alone.all(after, limit)
          : statements.both.all(after, after, limit);
    return rows.map(({ key, ver, body }) => [key, ver, body]);
  };
}
