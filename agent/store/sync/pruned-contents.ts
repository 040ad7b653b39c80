import { createHash } from 'node:crypto';
import { entryContent } from '../../../sync/protocol/entry-content.ts';
import { CONTENT_BYTES, leafOf } from '../../../sync/protocol/ledger-proof.ts';
import type { Connection } from '../sqlite/connection.ts';

/** An entry as it lies in the ledger. */
export interface LedgerImage {
  readonly seq: number;
  readonly header: string;
  readonly hash: string;
  readonly sealed: Uint8Array;
}

/** What the upward proof compares of an entry, and whether its header is what was hashed. */
export function imageOf(
  tillId: string,
  incarnation: string,
  { seq, header, hash, sealed }: LedgerImage,
): { readonly content: string; readonly isWhole: boolean } {
  const headerHash = sha256(header);
  const content = entryContent(tillId, incarnation, {
    seq,
    headerHash,
    hash,
    sealedHash: sha256(sealed),
  });
  return { content, isWhole: headerHash === hash };
}

/** Stands in the place of an entry that was lost before it was pruned; no hash is like this. */
export const LOST_CONTENT = '00'.repeat(CONTENT_BYTES);

/** Contents of pruned entries. */
export interface PrunedContents {
  /** Keeps the content of the next entry that goes. @param content hex */
  keep(seq: number, content: string): void;
  /** The first entry whose content is kept; undefined = none is. */
  first(): number | undefined;
  /** The content of a pruned entry as hex; undefined = it went before contents were kept, or was lost. */
  at(seq: number): string | undefined;
}

export function createPrunedContents(connection: Connection): PrunedContents {
  const append = connection.statement(`
    INSERT INTO ledger_pruned VALUES (?, ?, ?)
    ON CONFLICT (leaf) DO UPDATE SET contents = CAST(contents || excluded.contents AS BLOB)`);
  const lowest = connection.statement<{ first: number }>(
    'SELECT first FROM ledger_pruned ORDER BY leaf LIMIT 1',
  );
  const one = connection.statement<{ content: Uint8Array }>(
    `SELECT substr(contents, (? - first) * ${CONTENT_BYTES} + 1, ${CONTENT_BYTES}) AS content
     FROM ledger_pruned WHERE leaf = ? AND first <= ?`,
  );
  return {
    keep: (seq, content) => void append.run(leafOf(seq), seq, Buffer.from(content, 'hex')),
    first: () => lowest.get()?.first,
    at(seq) {
      const found = one.get(seq, leafOf(seq), seq)?.content;
      if (found === undefined || found.length < CONTENT_BYTES) return undefined;
      const content = Buffer.from(found).toString('hex');
      return content === LOST_CONTENT ? undefined : content;
    },
  };
}

function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
