import type { Connection } from '../sqlite/connection.ts';

const DAY_MS = 24 * 60 * 60_000;
/**
 * An entry stays at the till for at least so long after headquarters had it, by headquarters' own signed time: this till's
 * clock may be wrong by years. A trigger on `ledger_base` holds the same.
 */
export const LEDGER_KEPT_MIN_MS = 35 * DAY_MS;

/** When headquarters had received what. */
export interface ReceivedMarks {
  /**
   * A checked receipt, the latest one, said that entries up to `seq` had been received at `atMs` of headquarters' clock. What
   * was noted of a later time came from a clock that was wrong, and counts no more.
   */
  note(seq: number, atMs: number): void;
  /** The last entry that headquarters had {@link LEDGER_KEPT_MIN_MS} before its latest receipt; 0 = none. */
  keptLongEnough(): number;
  /** Forgets marks of entries that are gone. */
  forgetBelow(seq: number): void;
  /** Headquarters lost what came after this entry: what it receives again counts from then on. */
  forgetAbove(seq: number): void;
}

export function createReceivedMarks(connection: Connection): ReceivedMarks {
  const put = connection.statement(`
    INSERT INTO received_marks VALUES (?, ?, ?)
    ON CONFLICT (day) DO UPDATE SET at_ms = excluded.at_ms, seq = excluded.seq`);
  const old = connection.statement<{ seq: number | null }>(`
    SELECT max(seq) AS seq FROM received_marks
    WHERE at_ms <= (SELECT max(at_ms) FROM received_marks) - ${LEDGER_KEPT_MIN_MS}`);
  const forgetLater = connection.statement('DELETE FROM received_marks WHERE at_ms > ?');
  const forgetBelow = connection.statement('DELETE FROM received_marks WHERE seq < ?');
  const forgetAbove = connection.statement('DELETE FROM received_marks WHERE seq > ?');
  return {
    note(seq, atMs) {
      forgetLater.run(atMs);
      put.run(Math.floor(atMs / DAY_MS), atMs, seq);
    },
    keptLongEnough: () => old.get()?.seq ?? 0,
    forgetBelow: (seq) => void forgetBelow.run(seq),
    forgetAbove: (seq) => void forgetAbove.run(seq),
  };
}
