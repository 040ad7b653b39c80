import type { FormerIncarnation } from '../../../sync/protocol/session.ts';
import type { Connection } from '../sqlite/connection.ts';

interface Head {
  readonly seq: number;
  readonly hash: string;
}

/** See `SyncStore.isHeadKnown`. A pruned entry is believed: only what headquarters held was pruned. */
export function createHeadKnown(
  connection: Connection,
  begins: FormerIncarnation | undefined,
): (head: Head) => boolean {
  const hashAt = connection.statement<{ hash: string }>('SELECT hash FROM ledger WHERE seq = ?');
  const base = connection.statement<{ seq: number }>('SELECT seq FROM ledger_base');
  return ({ seq, hash }) =>
    seq <= (base.get()?.seq ?? 0) || seq === begins?.seq || hashAt.get(seq)?.hash === hash;
}
