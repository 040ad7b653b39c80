import type { FormerIncarnation } from '../../../sync/protocol/session.ts';
import type { Connection } from '../sqlite/connection.ts';

interface Head {
  readonly seq: number;
  readonly hash: string;
  readonly outboxNo: number;
}

/**
 * See `SyncStore.isHeadKnown`. A pruned entry is believed: only what headquarters held was pruned. Not known is a head
 * before entries that were lost: a headquarters that was restored would wait for them for ever. Nor is a row of the outbox
 * known behind its last one: of what was lost with the end of the log the journal brings back the entries, but no join that
 * had gone up behind them, and its number would be taken again.
 * @param gaps entries that are lost, of which it lacks none as long as it is not restored
 */
export function createHeadKnown(
  connection: Connection,
  begins: FormerIncarnation | undefined,
  gaps: readonly { readonly toSeq: number }[],
): (head: Head) => boolean {
  const hashAt = connection.statement<{ hash: string }>('SELECT hash FROM ledger WHERE seq = ?');
  const base = connection.statement<{ seq: number }>('SELECT seq FROM ledger_base');
  const lastNo = connection.statement<{ no: number }>(
    'SELECT coalesce(max(no), 0) AS no FROM outbox',
  );
  const isWhole = (seq: number): boolean => {
    const from = Math.max(seq, begins?.seq ?? 0, base.get()?.seq ?? 0);
    return gaps.every(({ toSeq }) => toSeq <= from);
  };
  return ({ seq, hash, outboxNo }) =>
    outboxNo <= (lastNo.get()?.no ?? 0) &&
    isWhole(seq) &&
    (seq <= (base.get()?.seq ?? 0) || seq === begins?.seq || hashAt.get(seq)?.hash === hash);
}
