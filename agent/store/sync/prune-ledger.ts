import { pointsAccountSchema } from '../../../sync/protocol/feed.ts';
import type { BookedUpTo, LedgerGap } from '../incarnations.ts';
import type { Connection } from '../sqlite/connection.ts';
import {
  createPrunedContents,
  imageOf,
  type LedgerImage,
  LOST_CONTENT,
} from './pruned-contents.ts';
import { readBody } from './read-body.ts';
import type { ReceivedMarks } from './received-marks.ts';
import type { SyncState } from './sync-state.ts';

interface Candidate extends LedgerImage {
  readonly at: string;
  /** Whether goods of the sale can still come back here. */
  readonly returnable: 0 | 1;
}

/**
 * Removes the oldest entries with their movements and outbox rows: those that headquarters has in a finished backup and
 * has had for `LEDGER_KEPT_MIN_MS` by its own time, that are older than the time given, and whose sale nobody can bring
 * goods back to. The last one removed stays as the base from which the chain verifies; the newest entry always stays, and
 * so does one that is damaged, or whose points the member's account here has yet to show, with all that follows it. Of each
 * that goes its content stays for the upward proof.
 */
export function createPruneLedger(
  connection: Connection,
  {
    tillId,
    incarnation,
    state,
    marks,
    bookedUpTo,
    gaps = [],
  }: {
    readonly tillId: string;
    readonly incarnation: string;
    readonly state: SyncState;
    readonly marks: ReceivedMarks;
    readonly bookedUpTo: BookedUpTo;
    /** Entries that were lost: of them a marker stays, and what follows them goes. */
    readonly gaps?: readonly LedgerGap[];
  },
): (beforeMs: number, limit: number) => number {
  const base = connection.statement<{ seq: number }>('SELECT seq FROM ledger_base');
  const head = connection.statement<{ seq: number | null }>('SELECT max(seq) AS seq FROM ledger');
  const candidate = connection.statement<Candidate>(`
    SELECT seq, header, hash, sealed, CASE WHEN json_valid(header) THEN header ->> '$.at' END AS at,
      EXISTS (SELECT 1 FROM holds WHERE evaluation_id = ledger.sale_id) AS returnable
    FROM ledger WHERE seq = ?`);
  const raise = connection.statement('UPDATE ledger_base SET seq = ?, hash = ?');
  const pruned = createPrunedContents(connection);
  const accountsOf = connection.statement<{ body: string }>(`
    SELECT DISTINCT a.body FROM points_movements m JOIN points_accounts a ON a.member_id = m.member_id
    WHERE m.seq = ?`);
  const removeMovements = connection.statement('DELETE FROM points_movements WHERE seq <= ?');
  const removeEntries = connection.statement('DELETE FROM ledger WHERE seq <= ?');
  const removeQueued = connection.statement(`
    DELETE FROM outbox WHERE no <=
      (SELECT no FROM outbox WHERE no >= ? AND kind = 'entry' AND seq = ? ORDER BY no LIMIT 1)`);

  /** Without its movements an entry counts only in the accounts that have it: those from before it would forget it. */
  function isBooked(seq: number): boolean {
    return accountsOf.all(seq).every(({ body }) => {
      const account = readBody(body, pointsAccountSchema);
      return account.ok && bookedUpTo(account.value.booked) >= seq;
    });
  }

  /** The entry itself, or the first one after those that are on record as lost. */
  const behindGap = (seq: number): number => {
    const gap = gaps.find(({ fromSeq, toSeq }) => fromSeq <= seq && seq <= toSeq);
    return gap === undefined ? seq : behindGap(gap.toSeq + 1);
  };

  return (beforeMs, limit) =>
    connection.together(() => {
      const from = base.get()?.seq ?? 0;
      const last = Math.min(
        state.received().backedUpSeq,
        marks.keptLongEnough(),
        (head.get()?.seq ?? 0) - 1,
      );
      let [seq, hash, count] = [from, '', 0];
      while (count < limit) {
        const nextSeq = behindGap(seq + 1);
        if (nextSeq > last) break;
        const next = candidate.get(nextSeq);
        if (next === undefined || next.returnable === 1 || Date.parse(next.at) >= beforeMs) break;
        const { content, isWhole } = imageOf(tillId, incarnation, next);
        if (!isWhole || !isBooked(next.seq)) break;
        for (let lost = seq + 1; lost < nextSeq; lost++) pruned.keep(lost, LOST_CONTENT);
        pruned.keep(nextSeq, content);
        [seq, hash, count] = [nextSeq, next.hash, count + 1];
      }
      if (seq === from) return 0;
      raise.run(seq, hash);
      removeQueued.run(seq, seq);
      removeMovements.run(seq);
      removeEntries.run(seq);
      marks.forgetBelow(seq);
      return count;
    });
}
