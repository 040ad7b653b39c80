import { addDigest, sumBytes } from '../../../sync/protocol/digest.ts';
import { DIGEST_BYTES, DIGEST_WORDS } from '../../../sync/protocol/tree-shape.ts';
import type { Connection } from '../sqlite/connection.ts';
import { createSums, type DigestSum, emptySum } from '../sync/fed-digests.ts';

/** Sums a table's digests again, part by part. What changes in the parts that were summed is added by whoever changes it. */
export interface Count {
  /**
   * Begins or goes on where it stood, `limit` digests a call.
   * @returns at the end whether the root was right; it is by then
   */
  goOn(kind: string, table: string, limit: number): boolean | undefined;
  /** Adds the digests of keys from `after` up to `to`; what stood elsewhere begins anew, and counts only from a table's start. */
  add(
    kind: string,
    part: { readonly table: string; readonly after: string; readonly to: string },
    digests: readonly (Buffer | null)[],
  ): void;
  /** Ends it: whether the root was right, which it is by then; `undefined` = this is not what stood here. */
  end(kind: string, table: string, after: string): boolean | undefined;
}

interface CountRow {
  readonly tbl: string;
  readonly after: string;
}

export function createCount(connection: Connection): Count {
  const read = connection.statement<CountRow>('SELECT tbl, after FROM fed_counts WHERE kind = ?');
  const begin = connection.statement(`INSERT INTO fed_counts VALUES (?, ?, '', 0, ?)`);
  const moveTo = connection.statement('UPDATE fed_counts SET after = ? WHERE kind = ?');
  const remove = connection.statement('DELETE FROM fed_counts WHERE kind = ?');
  const digests = connection.statement<{ key: string; digest: Buffer | null }>(
    'SELECT key, digest FROM fed_digests WHERE tbl = ? AND key > ? ORDER BY key LIMIT ?',
  );
  const setRoot = connection.statement(`
    INSERT INTO fed_roots VALUES (?, ?, ?) ON CONFLICT (tbl) DO UPDATE SET rows = excluded.rows, sum = excluded.sum`);
  const counts = createSums(connection, 'fed_counts', 'kind');
  const roots = createSums(connection, 'fed_roots', 'tbl');

  /** Whether the count stands at this place, or is begun there. */
  function standsAt(kind: string, table: string, after: string): boolean {
    const found = read.get(kind);
    if (after !== '') return found?.tbl === table && found.after === after;
    remove.run(kind);
    begin.run(kind, table, Buffer.alloc(DIGEST_BYTES));
    return true;
  }

  const add: Count['add'] = (kind, { table, after, to }, some) => {
    if (!standsAt(kind, table, after)) {
      remove.run(kind);
      return;
    }
    const delta = emptySum();
    for (const digest of some) {
      if (digest === null) continue;
      addDigest(delta.sums, 0, digest, 1);
      delta.rows += 1;
    }
    counts.add(kind, delta);
    moveTo.run(to, kind);
  };

  const end: Count['end'] = (kind, table, after) => {
    if (!standsAt(kind, table, after)) return undefined;
    const counted = counts.get(kind) ?? emptySum();
    remove.run(kind);
    if (equal(counted, roots.get(table) ?? emptySum())) return true;
    setRoot.run(table, counted.rows, sumBytes(counted.sums, 0));
    return false;
  };

  return {
    goOn(kind, table, limit) {
      const found = read.get(kind);
      const after = found?.tbl === table ? found.after : '';
      const some = digests.all(table, after, limit);
      const to = some.at(-1)?.key;
      const part = some.map(({ digest }) => digest);
      if (to !== undefined) add(kind, { table, after, to }, part);
      return some.length < limit ? end(kind, table, to ?? after) : undefined;
    },
    add,
    end,
  };
}

function equal(a: DigestSum, b: DigestSum): boolean {
  if (a.rows !== b.rows) return false;
  for (let word = 0; word < DIGEST_WORDS; word++) if (a.sums[word] !== b.sums[word]) return false;
  return true;
}
