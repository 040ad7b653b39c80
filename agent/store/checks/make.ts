import type { ChecksStore } from '../../../sync/client/check-ports.ts';
import { assert } from '../../contract/index.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { ChecksParts } from './create-checks-store.ts';

/** Makes the digests that are missing, table by table in order of the key: those of rows that came before any were kept. */
export function createMake(
  connection: Connection,
  { digestState, digests, held }: Pick<ChecksParts, 'digestState' | 'digests' | 'held'>,
): ChecksStore['make'] {
  const clear = connection.statement(
    'DELETE FROM fed_digests WHERE (tbl, key) IN (SELECT tbl, key FROM fed_digests LIMIT ?)',
  );

  function makeSome(limit: number): { done: boolean; rows: number } {
    const place = digestState.place();
    const table = place.table === '' ? held.tableAfter('') : place.table;
    if (table === undefined) {
      digestState.set('made');
      return { done: true, rows: 0 };
    }
    const writer = digests.write();
    assert(writer !== undefined, 'digests are made under a key');
    const { rows, to } = held.after(table, place.key, limit);
    const known = new Set(writer.between(table, place.key, to).map(({ key }) => key));
    for (const { key, ver, body } of rows)
      if (ver > 0 && !known.has(key))
        writer.set(table, key, undefined, writer.digestOf(table, key, ver, body), null);
    writer.flush();
    const next = to === undefined ? held.tableAfter(table) : table;
    if (next === undefined) digestState.set('made');
    else digestState.set('make', { table: next, key: to ?? '' });
    return { done: next === undefined, rows: rows.length };
  }

  return (limit) => {
    switch (digestState.stage()) {
      case 'off':
        return { done: false, rows: 0 };
      case 'made':
        return { done: true, rows: 0 };
      case 'make':
        return makeSome(limit);
      case 'clear': {
        const rows = clear.run(limit);
        if (rows < limit) digests.forget();
        return { done: false, rows };
      }
    }
  };
}
