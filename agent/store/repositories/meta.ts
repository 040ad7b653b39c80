import type { Connection } from '../sqlite/connection.ts';
import type { MetaRepository } from '../store.ts';

/** Single named values. */
export function createMeta(connection: Connection): MetaRepository {
  const get = connection.statement<{ value: string }>('SELECT value FROM meta WHERE name = ?');
  const set = connection.statement(
    'INSERT INTO meta VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  );
  return { get: (name) => get.get(name)?.value, set: (name, value) => void set.run(name, value) };
}
