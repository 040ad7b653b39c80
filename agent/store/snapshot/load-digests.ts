import { addDigest, rowDigest } from '../../../sync/protocol/digest.ts';
import type { Connection } from '../sqlite/connection.ts';
import { createDigestState } from '../sync/digest-state.ts';
import { createSums, type DigestSum, emptySum } from '../sync/fed-digests.ts';

/** Takes the digests of rows that come in order of the key into an empty table; sums follow with `flush`. */
export interface LoadDigests {
  /** @param rowHash as `rowHash` gives it */
  add(key: string, rowHash: string): void;
  flush(): void;
}

const NONE: LoadDigests = { add: () => undefined, flush: () => undefined };

/** How digests of a table are taken under the key that the build was begun with; nothing happens where it has none. */
export function createLoadDigests(connection: Connection): (table: string) => LoadDigests {
  const digestKey = createDigestState(connection).key();
  if (digestKey === null) return () => NONE;
  const key = Buffer.from(digestKey, 'hex');
  const insert = connection.statement('INSERT INTO fed_digests VALUES (?, ?, ?, NULL, NULL)');
  const roots = createSums(connection, 'fed_roots', 'tbl');
  return (table) => {
    const delta: DigestSum = emptySum();
    return {
      add(rowKey, rowHash) {
        const digest = rowDigest(key, rowHash);
        insert.run(table, rowKey, digest);
        addDigest(delta.sums, 0, digest, 1);
        delta.rows += 1;
      },
      flush() {
        if (delta.rows > 0) roots.add(table, delta);
      },
    };
  };
}
