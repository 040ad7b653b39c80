import type { Connection } from '../sqlite/connection.ts';
import { isStorageError } from '../sqlite/storage-error.ts';
import type { LedgerJournal } from './create-ledger-journal.ts';
import type { JournalCipher } from './journal-cipher.ts';
import type { FoundJournal } from './read-journal.ts';
import { headOf, settleJournal, tryReadJournal } from './recover-journal.ts';

/** Beats from one try to the next at most, about a minute; from one on they double. */
export const HELD_BEATS_MAX = 64;

export interface HeldJournalOptions {
  readonly connection: Connection;
  readonly dataDir: string;
  readonly cipher: JournalCipher;
  /** When the files were found held, in milliseconds since 1970. */
  readonly sinceMs: number;
  readonly open: (found: FoundJournal) => LedgerJournal;
}

/**
 * A journal whose files another program keeps at the start, a virus scanner above all. They are tried again with the beat,
 * ever less often and without waiting for them; once they are given they are settled as at a start, and whatever was
 * committed or erased meanwhile is caught up. Entries that it alone has do not fit by then: they are set aside and named.
 */
export function createHeldJournal({
  connection,
  dataDir,
  cipher,
  sinceMs,
  open,
}: HeldJournalOptions): LedgerJournal {
  let journal: LedgerJournal | undefined;
  let beatsBetween = 1;
  let beatsLeft = beatsBetween;

  function tryAgain(): void {
    beatsBetween = Math.min(beatsBetween * 2, HELD_BEATS_MAX);
    beatsLeft = beatsBetween;
    try {
      const head = headOf(connection);
      const read = tryReadJournal(dataDir, cipher, (seq) => seq > head, 0);
      const alone = (read?.entries ?? []).map(({ ledger }) => ledger.seq);
      const found = settleJournal(connection, dataDir, read, alone, sinceMs, 0);
      if (found.state !== 'held') journal = open(found);
    } catch (error) {
      // The database's own disk fails, which is told where it is used.
      if (!isStorageError(error)) throw error;
    }
  }

  return {
    committed: () => journal?.committed(),
    erasing: () => journal?.erasing(),
    beat() {
      if (journal === undefined && --beatsLeft <= 0) tryAgain();
      journal?.beat();
    },
    facts: () => journal?.facts() ?? { state: 'held', fromSeq: 0, toSeq: 0, bytes: 0 },
    close: () => journal?.close(),
  };
}
