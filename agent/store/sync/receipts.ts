import type { Receipt } from '../../../sync/protocol/upload.ts';
import { err, GENESIS_HASH, ok, type Result } from '../../contract/index.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { ReceivedMarks } from './received-marks.ts';
import type { SyncState } from './sync-state.ts';

/** What headquarters says that it holds, held against this till's own ledger. */
export interface Receipts {
  /** Takes a receipt whose signature was checked; an older one changes nothing. */
  acknowledge(receipt: Receipt): Result<void, 'receipt-does-not-fit'>;
  /**
   * Forgets that headquarters received entries after `seq`; a pruned one cannot be sent again and stays received.
   * @param afterNo the last row that headquarters has: what it goes by where its entries end with a former incarnation
   */
  sendAgain(afterSeq: number, afterNo?: number): void;
}

/** @param begins where this incarnation of the database began */
export function createReceipts(
  connection: Connection,
  {
    state,
    marks,
    begins = { seq: 0 },
  }: {
    readonly state: SyncState;
    readonly marks: ReceivedMarks;
    readonly begins?: { readonly seq: number } | undefined;
  },
): Receipts {
  const hashAt = connection.statement<{ hash: string }>('SELECT hash FROM ledger WHERE seq = ?');
  const base = connection.statement<{ seq: number; hash: string }>(
    'SELECT seq, hash FROM ledger_base',
  );
  const lastNo = connection.statement<{ no: number }>(
    'SELECT coalesce(max(no), 0) AS no FROM outbox',
  );
  const lastEntryUpTo = connection.statement<{ seq: number }>(
    `SELECT seq FROM outbox WHERE no <= ? AND kind = 'entry' ORDER BY no DESC LIMIT 1`,
  );
  // Every entry has one row, so its number is never below its place in the ledger.
  const noOfEntry = connection.statement<{ no: number }>(
    `SELECT no FROM outbox WHERE no >= ? AND kind = 'entry' AND seq = ? ORDER BY no LIMIT 1`,
  );
  const firstNo = connection.statement<{ no: number }>(
    'SELECT coalesce(min(no), 1) AS no FROM outbox',
  );

  const readBase = () => base.get() ?? { seq: 0, hash: GENESIS_HASH };
  /** The last entry among the rows up to this one, those of a former incarnation included. */
  const entriesUpTo = (no: number): number => lastEntryUpTo.get(no)?.seq ?? readBase().seq;

  function fits({ seq, hash, outboxNo, backedUpSeq }: Receipt): boolean {
    const pruned = readBase();
    const own = seq === pruned.seq ? pruned.hash : hashAt.get(seq)?.hash;
    // The last entry among the rows that it names is the one that it names.
    // Entries of a former incarnation go up beside the ledger, which begins where that ended.
    const named = Math.max(entriesUpTo(outboxNo), begins.seq);
    const isKnown = outboxNo <= (lastNo.get()?.no ?? 0);
    return own === hash && named === seq && isKnown && backedUpSeq <= seq;
  }

  return {
    acknowledge: (receipt) =>
      connection.together(() => {
        const before = state.received();
        if (receipt.outboxNo < before.outboxNo) return ok(undefined);
        if (!fits(receipt)) return err('receipt-does-not-fit');
        const { seq, outboxNo } = receipt;
        marks.note(Math.min(seq, entriesUpTo(outboxNo)), Date.parse(receipt.at));
        const backedUpSeq = Math.max(before.backedUpSeq, receipt.backedUpSeq);
        if (outboxNo > before.outboxNo || backedUpSeq > before.backedUpSeq)
          state.setReceived({ seq, outboxNo, backedUpSeq });
        return ok(undefined);
      }),
    sendAgain: (afterSeq, afterNo) =>
      connection.together(() => {
        const pruned = readBase();
        const seq = Math.max(afterSeq, pruned.seq);
        const before = state.received();
        if (begins.seq > 0 && seq <= begins.seq && afterNo !== undefined) {
          const outboxNo = Math.max(afterNo, (firstNo.get()?.no ?? 1) - 1);
          const backedUpSeq = Math.min(before.backedUpSeq, seq);
          if (outboxNo >= before.outboxNo) return;
          state.setReceived({ seq, outboxNo, backedUpSeq });
          marks.forgetAbove(Math.min(seq, entriesUpTo(outboxNo)));
          return;
        }
        if (seq > before.seq) return;
        const kept = seq > pruned.seq ? noOfEntry.get(seq, seq)?.no : undefined;
        state.setReceived({
          seq,
          outboxNo: kept ?? (firstNo.get()?.no ?? 1) - 1,
          backedUpSeq: Math.min(before.backedUpSeq, seq),
        });
        marks.forgetAbove(seq);
      }),
  };
}
