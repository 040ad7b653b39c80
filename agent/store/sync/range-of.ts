import type { Connection } from '../sqlite/connection.ts';
import type { FedTable } from './fed-table.ts';

/** Reads the keys of a table with a version column by range, in the order of their bytes. */
export function rangeOf(connection: Connection, table: string, key: string): FedTable['range'] {
  const statement = (where: string) =>
    connection.statement<{ key: string; ver: number }>(
      `SELECT ${key} AS key, ver FROM ${table} WHERE ${where} ORDER BY ${key}`,
    );
  const between = statement(`${key} > ? AND ${key} <= ?`);
  const rest = statement(`${key} > ?`);
  return (after, to) => (to === undefined ? rest.all(after) : between.all(after, to));
}
