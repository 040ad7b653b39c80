import type { Connection } from '../sqlite/connection.ts';

/** Versions of fed rows that are gone. */
export interface Tombstones {
  verOf(table: string, key: string): number;
  put(table: string, key: string, ver: number): void;
  remove(table: string, key: string): void;
  /** Removes those put before `ms`, at most `limit`, and answers how many. */
  pruneBefore(ms: number, limit: number): number;
}

/** Tombstones with the time at which they came, by which they are pruned. */
export function createTombstones(connection: Connection, nowMs: () => number): Tombstones {
  const ver = connection.statement<{ ver: number }>(
    'SELECT ver FROM tombstones WHERE tbl = ? AND key = ?',
  );
  const put = connection.statement(`
    INSERT INTO tombstones VALUES (?, ?, ?, ?)
    ON CONFLICT (tbl, key) DO UPDATE SET ver = excluded.ver, at_ms = excluded.at_ms`);
  const remove = connection.statement('DELETE FROM tombstones WHERE tbl = ? AND key = ?');
  const prune = connection.statement(`
    DELETE FROM tombstones WHERE (tbl, key) IN (SELECT tbl, key FROM tombstones WHERE at_ms < ? LIMIT ?)`);
  return {
    verOf: (table, key) => ver.get(table, key)?.ver ?? 0,
    put: (table, key, version) => void put.run(table, key, version, nowMs()),
    remove: (table, key) => void remove.run(table, key),
    pruneBefore: (ms, limit) => prune.run(ms, limit),
  };
}
