import type { LedgerProofStore, ProvedEntry } from '../../../sync/client/check-ports.ts';
import { GENESIS_HASH } from '../../contract/index.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { NextUpload } from './next-upload.ts';
import { createPrunedContents, imageOf, type LedgerImage } from './pruned-contents.ts';

/** The till's ledger as the upward proof sees it: from its rows each time, so that what is damaged shows. */
export function createLedgerProof(
  connection: Connection,
  {
    tillId,
    incarnation,
    beganAt,
    upload,
  }: {
    readonly tillId: string;
    readonly incarnation: string;
    /** The last entry of the incarnation before this one. */
    readonly beganAt: number;
    readonly upload: NextUpload;
  },
): LedgerProofStore {
  const base = connection.statement<{ seq: number; hash: string }>(
    'SELECT seq, hash FROM ledger_base',
  );
  const head = connection.statement<{ seq: number; hash: string }>(
    'SELECT seq, hash FROM ledger ORDER BY seq DESC LIMIT 1',
  );
  const rows = connection.statement<LedgerImage>(
    'SELECT seq, header, hash, sealed FROM ledger WHERE seq > ? AND seq <= ? ORDER BY seq',
  );
  const hashAt = connection.statement<{ hash: string }>('SELECT hash FROM ledger WHERE seq = ?');
  const pruned = createPrunedContents(connection);
  const readBase = () => base.get() ?? { seq: 0, hash: GENESIS_HASH };

  function range(): ReturnType<LedgerProofStore['range']> {
    const { seq, hash } = readBase();
    return {
      from: Math.max(beganAt, (pruned.first() ?? seq + 1) - 1),
      base: seq,
      head: head.get() ?? { seq, hash },
    };
  }

  return {
    range,
    contents(after, to) {
      const { base: baseSeq, head: last } = range();
      const entries: ProvedEntry[] = [];
      for (let seq = after + 1; seq <= Math.min(to, baseSeq); seq++) {
        const content = pruned.at(seq) ?? null;
        entries.push({ seq, content, fault: content === null ? 'missing' : null });
      }
      const from = Math.max(after, baseSeq);
      const found = new Map(rows.all(from, to).map((row) => [row.seq, row]));
      // Where the one before is not whole, nothing says whether this one is chained to it.
      let before = from === baseSeq ? readBase().hash : hashAt.get(from)?.hash;
      for (let seq = from + 1; seq <= Math.min(to, last.seq); seq++) {
        const row = found.get(seq);
        const entry: ProvedEntry =
          row === undefined ? { seq, content: null, fault: 'missing' } : proved(row, before);
        entries.push(entry);
        before = entry.fault === null || entry.fault === 'link' ? row?.hash : undefined;
      }
      return entries;
    },
    entries: (seqs) =>
      seqs.flatMap((seq) => {
        const item = upload.entry(seq);
        return item?.kind === 'entry' ? [item] : [];
      }),
  };

  function proved(row: LedgerImage, before: string | undefined): ProvedEntry {
    const { content, isWhole } = imageOf(tillId, incarnation, row);
    if (!isWhole) return { seq: row.seq, content, fault: 'hash' };
    const { prevHash } = JSON.parse(row.header) as { prevHash: unknown };
    const isLinked = before === undefined || prevHash === before;
    return { seq: row.seq, content, fault: isLinked ? null : 'link' };
  }
}
