import type { Connection, SqlValue } from '../sqlite/connection.ts';
import type { TableRow } from './journal-entry.ts';

/** Writes a row. @returns whether something was written */
export type RowWriter = (
  table: string,
  row: Writable | TableRow,
  or: 'ABORT' | 'IGNORE' | 'REPLACE',
) => boolean;

type Writable = Readonly<Record<string, SqlValue>>;

/** Writes rows by the columns that the table has today. */
export function createRowWriter(connection: Connection): RowWriter {
  const columnsOf = connection.statement<{ name: string }>('SELECT name FROM pragma_table_info(?)');
  const known = new Map<string, readonly string[]>();
  const statements = new Map<string, ReturnType<typeof connection.statement>>();
  return (table, row, or) => {
    const columns = known.get(table) ?? columnsOf.all(table).map(({ name }) => name);
    known.set(table, columns);
    const names = columns.filter((name) => row[name] !== undefined);
    const sql = `INSERT OR ${or} INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`;
    const statement = statements.get(sql) ?? connection.statement(sql);
    statements.set(sql, statement);
    return statement.run(...names.map((name) => row[name] ?? null)) > 0;
  };
}
