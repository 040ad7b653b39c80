import { closeSync, constants, fdatasync, fdatasyncSync, ftruncateSync, openSync } from 'node:fs';
import { syncFolder } from '../durable-file.ts';
import type { Connection } from '../sqlite/connection.ts';
import { createHeldJournal } from './held-journal.ts';
import type { JournalCipher } from './journal-cipher.ts';
import { createEntryReader } from './journal-entry.ts';
import { segmentFile, writeWhole } from './journal-files.ts';
import {
  CATCH_UP_AT_COMMIT_MAX,
  CATCH_UP_FROM_MAX,
  CATCH_UP_MAX,
  FLUSH_ENTRIES,
  JOURNAL_LIMITS,
  type JournalLimits,
} from './journal-limits.ts';
import { createKeptSegments, type Flush, type WrittenSegment } from './kept-segments.ts';
import type { FoundJournal } from './read-journal.ts';

/** How much of what headquarters has not backed up lies in the journal, too. */
export interface JournalFacts {
  /**
   * `failing`: its files could not be written. `behind`: the last entries are not in it yet. `part`: it is full, and older
   * entries lie in the database alone. `held`: another program keeps its files, which is tried again.
   */
  readonly state: 'whole' | 'failing' | 'behind' | 'part' | 'held';
  /** The entries that it holds; 0 where it holds none. */
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly bytes: number;
}

/** The second copy of the entries that headquarters has not backed up. Nothing of it throws for a disk that fails. */
export interface LedgerJournal {
  /** To be called after each commit. */
  committed(): void;
  /** To be called in a transaction that destroys a key: its copies are overwritten once that is committed. */
  erasing(): void;
  /** To be called every second: catches up, removes what headquarters has backed up, and flushes beside the till. */
  beat(): void;
  facts(): JournalFacts;
  close(): void;
}

/** Of a folder that cannot keep one. */
export const NO_LEDGER_JOURNAL: LedgerJournal = {
  committed: () => undefined,
  erasing: () => undefined,
  beat: () => undefined,
  facts: () => ({ state: 'failing', fromSeq: 0, toSeq: 0, bytes: 0 }),
  close: () => undefined,
};

export interface LedgerJournalOptions {
  readonly connection: Connection;
  readonly dataDir: string;
  readonly incarnation: string;
  readonly cipher: JournalCipher;
  /** What lies in the folder; it is of this ledger, or held. */
  readonly found: FoundJournal;
  readonly limits?: JournalLimits;
}

/**
 * Appends each committed entry to files beside the database, for the day on which the database's own are damaged. A sale
 * does not wait for it: it is one write after the commit, flushed within a second. After a power cut the database says what
 * was committed, and the journal is caught up from it.
 */
export function createLedgerJournal(options: LedgerJournalOptions): LedgerJournal {
  if (options.found.state !== 'held') return createOpenJournal(options);
  const open = (found: FoundJournal): LedgerJournal => createOpenJournal({ ...options, found });
  return createHeldJournal({ ...options, sinceMs: options.found.heldSinceMs ?? 0, open });
}

function createOpenJournal({
  connection,
  dataDir,
  incarnation,
  cipher,
  found,
  limits = JOURNAL_LIMITS,
}: LedgerJournalOptions): LedgerJournal {
  const head = connection.statement<{ seq: number | null }>('SELECT max(seq) AS seq FROM ledger');
  const backedUp = connection.statement<{ seq: number }>(
    'SELECT max(b.seq, s.backed_up_seq) AS seq FROM ledger_base b, sync_state s',
  );
  const firstBeyond = connection.statement<{ seq: number | null }>(
    'SELECT min(seq) AS seq FROM ledger WHERE seq > ?',
  );
  const erased = connection.statement('SELECT 1 FROM erased_keys WHERE key_id = ?');
  const read = createEntryReader(connection);

  const segments = createKeptSegments(found);
  const isTorn = found.state === 'torn' || lacksOldest();
  let lastNo = found.segments.at(-1)?.no ?? 0;
  /** A journal that is made anew begins behind the segments of the one that is torn, which go once it has all. */
  let tornNo = isTorn ? lastNo : 0;
  /** Segments up to this one take no more records. */
  let closedNo = tornNo;
  let lastSeq = isTorn ? 0 : (found.last?.seq ?? 0);
  /** Segments that hold nothing but what could not be flushed. */
  const unflushable = new Set<number>();
  let open: { readonly segment: WrittenSegment; readonly handle: number } | undefined;
  let unflushed = 0;
  /** The first entry of them. */
  let unflushedFrom = 0;
  let flushing: Flush | undefined;
  let closesAfterFlush = false;
  let isFailing = false;
  // A till that was killed may not have overwritten what it erased.
  let isErasing = true;

  /** Does one after the other; one that fails keeps none from being done. */
  function guarded(...works: readonly (() => void)[]): void {
    let hasFailed = false;
    for (const work of works) {
      try {
        work();
      } catch (error) {
        // The entry is committed, whatever becomes of its copy; the next beat tries again.
        if (!(error instanceof Error && 'code' in error)) throw error;
        hasFailed = true;
      }
    }
    isFailing = hasFailed;
  }

  /** The last entry that no lost log can reach back to. */
  function settledSeq(): number {
    return (backedUp.get()?.seq ?? 0) - limits.logEntries;
  }

  /** The entry behind which a journal that is made anew begins. */
  function beginsBehind(headSeq: number): number {
    return Math.max(0, headSeq - CATCH_UP_FROM_MAX, settledSeq());
  }

  /** Whether the ledger has entries before the first one here though none went to make room: a file was taken away. */
  function lacksOldest(): boolean {
    const { fromSeq } = segments.extent();
    const first = firstBeyond.get(beginsBehind(head.get()?.seq ?? 0))?.seq ?? fromSeq;
    return fromSeq > first && segments.isFarFromFull(limits);
  }

  function catchUp(entriesMax: number): void {
    const to = head.get()?.seq ?? 0;
    if (to <= lastSeq) return;
    if (to > lastSeq + 1) lastSeq = Math.max(lastSeq, beginsBehind(to));
    const until = Math.min(to, lastSeq + entriesMax);
    while (lastSeq < until) append(lastSeq + 1);
    if (unflushed >= FLUSH_ENTRIES) flush();
  }

  function append(seq: number): void {
    const entry = read(seq);
    if (entry !== undefined) {
      const { segment, handle } = writable();
      const { no, end: offset } = segment;
      const record = cipher.seal(
        { incarnation, segment: no, offset },
        seq,
        Buffer.from(JSON.stringify(entry.content)),
        Buffer.from(JSON.stringify(entry.secret)),
      );
      writeWhole(handle, record.bytes, offset);
      const keyId = entry.secret.key?.key_id;
      if (keyId !== undefined)
        segments.addSecret(keyId, { segment: no, at: record.secretAt, bytes: record.secretBytes });
      segment.end += record.bytes.length;
      segment.firstSeq ||= seq;
      segment.lastSeq = seq;
      if (unflushed === 0) unflushedFrom = seq;
      unflushed += 1;
    }
    lastSeq = seq;
  }

  /** Writes the entries from `seq` on again, into a fresh segment. */
  function writeAgain(seq: number): void {
    lastSeq = Math.min(lastSeq, seq - 1);
    closedNo = lastNo;
  }

  /** A system that said once that a flush failed may say of the next one that it did not. */
  function failedToFlush({ no, from }: Flush): void {
    const since = segments.all.filter((segment) => segment.no >= no && segment.firstSeq >= from);
    for (const segment of since) unflushable.add(segment.no);
    writeAgain(from);
  }

  /** The segment that takes the next record, a fresh one where the last is full or another database's. */
  function writable(): NonNullable<typeof open> {
    const last = segments.all.at(-1);
    const goesOn =
      last?.incarnation === incarnation && last.no > closedNo && last.end < limits.segmentBytes;
    if (goesOn && open?.segment === last) return open;
    if (goesOn) return openSegment(last);
    retire();
    const file = segmentFile(dataDir, lastNo + 1, incarnation);
    const fresh = { ...file, end: 0, firstSeq: 0, lastSeq: 0 };
    const opened = openSegment(fresh);
    segments.add(fresh, opened.handle);
    lastNo = fresh.no;
    makeRoom();
    syncFolder(dataDir);
    return opened;
  }

  /** What could not be flushed is about to be written again; of the rest the oldest goes, where there is too much. */
  function makeRoom(): void {
    for (const segment of segments.all.filter(({ no }) => unflushable.has(no))) {
      segments.remove(segment);
      unflushable.delete(segment.no);
    }
    segments.makeRoom(limits);
  }

  function openSegment(segment: WrittenSegment): NonNullable<typeof open> {
    const handle = openSync(segment.path, constants.O_RDWR | constants.O_CREAT, 0o600);
    open = { segment, handle };
    // What a kill or a power cut left half written.
    ftruncateSync(handle, segment.end);
    return open;
  }

  /** Flushes and closes the segment that was written to. */
  function retire(): void {
    if (open === undefined) return;
    const { handle, segment } = open;
    open = undefined;
    const own = unflushed > 0 ? { no: segment.no, from: unflushedFrom } : undefined;
    unflushed = 0;
    // The system tells a failure once: here, or the flush that is under way.
    const isFlushing = flushing?.no === segment.no;
    const flushed = isFlushing ? flushing : own;
    try {
      fdatasyncSync(handle);
    } catch (error) {
      if (flushed !== undefined) failedToFlush(flushed);
      throw error;
    } finally {
      if (isFlushing) closesAfterFlush = true;
      else closeSync(handle);
    }
  }

  function removeNeedless(): void {
    const isFlushed = unflushed === 0 && flushing === undefined;
    if (tornNo > 0 && isFlushed && lastSeq >= (head.get()?.seq ?? 0)) {
      for (const segment of segments.all.filter(({ no }) => no <= tornNo)) segments.remove(segment);
      tornNo = 0;
    }
    const upTo = settledSeq();
    for (let [first] = segments.all; first !== undefined; [first] = segments.all) {
      if (segments.all.length === 1 || first.lastSeq > upTo) return;
      segments.remove(first);
    }
  }

  /** What a cleaner removes or exchanges beside the till would be written to nowhere. */
  function findLost(): void {
    const lost = segments.takeLost();
    for (const { firstSeq } of lost) if (firstSeq > 0) writeAgain(firstSeq);
    if (lost.some((segment) => segment === open?.segment)) retire();
  }

  /** Flushes without the till's thread waiting. */
  function flush(): void {
    if (open === undefined || unflushed === 0 || flushing !== undefined) return;
    const { handle, segment } = open;
    const flush = { no: segment.no, from: unflushedFrom };
    [unflushed, flushing] = [0, flush];
    fdatasync(handle, (error) => {
      flushing = undefined;
      const hasFailed = error !== null;
      if (hasFailed) failedToFlush(flush);
      if (closesAfterFlush) guarded(() => closeSync(handle));
      closesAfterFlush = false;
      isFailing ||= hasFailed;
    });
  }

  function overwriteErased(): void {
    if (!isErasing) return;
    segments.erase((keyId) => erased.get(keyId) !== undefined);
    isErasing = false;
  }

  return {
    committed: () => guarded(overwriteErased, () => catchUp(CATCH_UP_AT_COMMIT_MAX)),
    erasing() {
      isErasing = true;
    },
    beat: () =>
      guarded(overwriteErased, findLost, () => catchUp(CATCH_UP_MAX), flush, removeNeedless),
    facts() {
      const { fromSeq, toSeq, bytes } = segments.extent();
      const base = backedUp.get()?.seq ?? 0;
      const isBehind = (head.get()?.seq ?? 0) > Math.max(lastSeq, base);
      const state = isFailing
        ? 'failing'
        : isBehind
          ? 'behind'
          : fromSeq > (firstBeyond.get(base)?.seq ?? fromSeq)
            ? 'part'
            : 'whole';
      return { state, fromSeq, toSeq, bytes };
    },
    close: () => guarded(retire),
  };
}
