import { assert } from '../../contract/index.ts';
import type { Connection } from '../sqlite/connection.ts';
import { BUILD_TABLES } from './build-state.ts';

/** Tables that headquarters fills, or that describe the file itself. Every other one is the till's own. */
const NOT_LOCAL: readonly string[] = [
  'members',
  'member_cards',
  'articles',
  'staff',
  'points_lots',
  'points_accounts',
  'feed_rows',
  'tombstones',
  'fed_digests',
  'fed_roots',
  'fed_counts',
  'digest_state',
  'migrations',
  ...BUILD_TABLES,
];

interface Trigger {
  readonly name: string;
  readonly sql: string;
}

/**
 * Makes every local table of the main database what it is in the attached one called `live`. What an earlier attempt left
 * goes first, so the triggers that keep tables append-only stand aside until the end of the transaction.
 */
export function copyLocalTables(connection: Connection): void {
  const tables = connection
    .statement<{ name: string }>(
      `SELECT name FROM live.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`,
    )
    .all()
    .map(({ name }) => name)
    .filter((name) => !NOT_LOCAL.includes(name));
  const triggers = connection
    .statement<Trigger>(`SELECT name, sql FROM main.sqlite_schema WHERE type = 'trigger'`)
    .all();
  for (const { name } of triggers) connection.statement(`DROP TRIGGER main.${name}`).run();
  for (const table of tables) copyTable(connection, table);
  for (const { sql } of triggers) connection.statement(sql).run();
}

function copyTable(connection: Connection, table: string): void {
  const count = (schema: string) =>
    connection.statement<{ n: number }>(`SELECT count(*) AS n FROM ${schema}.${table}`).get()?.n;
  connection.statement(`DELETE FROM main.${table}`).run();
  connection.statement(`INSERT INTO main.${table} SELECT * FROM live.${table}`).run();
  assert(count('main') === count('live'), `${table} came over whole`);
}
