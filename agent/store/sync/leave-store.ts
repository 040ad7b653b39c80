import type { Connection } from '../sqlite/connection.ts';
import type { FedDigests } from './fed-digests.ts';

/** Tables whose rows headquarters feeds, each with its version. */
const FED_TABLES = ['members', 'points_accounts', 'staff', 'articles', 'feed_rows'] as const;

/**
 * Makes what was fed to the till of another store worth no more than the first copy of the store that it belongs to now:
 * it has no place in that store's feed, its removals say nothing there, and every row counts as the oldest that there is,
 * so the copy replaces or removes it. Until then the till goes on with it. Digests are made anew.
 */
export function createLeaveStore(connection: Connection, digests: FedDigests): () => void {
  const statements = [
    'UPDATE sync_state SET timeline = NULL, pos = NULL, chain = NULL',
    'DELETE FROM tombstones',
    ...FED_TABLES.map((table) => `UPDATE ${table} SET ver = 1 WHERE ver > 1`),
  ].map((sql) => connection.statement(sql));
  return () => {
    for (const statement of statements) statement.run();
    digests.forget();
  };
}
