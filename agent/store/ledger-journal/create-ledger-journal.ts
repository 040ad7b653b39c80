import {
  closeSync,
  constants,
  fdatasync,
  fdatasyncSync,
  ftruncateSync,
  openSync,
  rmSync,
} from 'node:fs';
import { LOG_MAX_PAGES } from '../checkpoint/log-pages.ts';
import { syncFolder } from '../durable-file.ts';
import type { Connection } from '../sqlite/connection.ts';
import { ERASED_BYTE, type JournalCipher } from './journal-cipher.ts';
import { createEntryReader } from './journal-entry.ts';
import { segmentFile, writeWhole } from './journal-files.ts';
import { overwriteBoxes } from './overwrite-boxes.ts';
import type { FoundJournal, Segment } from './read-journal.ts';

/** A segment takes its last record beyond so many bytes. */
export const SEGMENT_BYTES = 8 * 1024 * 1024;
/** Segments that are kept; the oldest goes for one more. 35 days without headquarters at 500 sales a day fit in. */
export const SEGMENTS_MAX = 32;
/** Entries that are flushed without waiting for the next beat. */
export const FLUSH_ENTRIES = 16;
/** Entries that one beat catches up at most. */
export const CATCH_UP_MAX = 500;
/** Entries that are caught up after a commit at most: a customer waits for it. */
export const CATCH_UP_AT_COMMIT_MAX = 16;
/** Of a ledger that lacks more, only the latest entries are caught up: they lie in the log, the rest in the file. */
export const CATCH_UP_FROM_MAX = 40_000;
/**
 * Entries that the database's log holds at most: five of its pages each, at least. What is backed up stays so far back, so
 * that the entries of a lost log follow one that the database has.
 */
export const LOG_ENTRIES_MAX = LOG_MAX_PAGES / 5;

export interface JournalLimits {
  readonly segmentBytes: number;
  readonly segments: number;
  readonly logEntries: number;
}

/** How much of what headquarters has not backed up lies in the journal, too. */
export interface JournalFacts {
  /**
   * `failing`: its files could not be written. `behind`: the last entries are not in it yet. `part`: it is full, and older
   * entries lie in the database alone.
   */
  readonly state: 'whole' | 'failing' | 'behind' | 'part';
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
  /** What lies in the folder; it is of this ledger. */
  readonly found: FoundJournal;
  readonly limits?: JournalLimits;
}

type WrittenSegment = { -readonly [Key in keyof Segment]: Segment[Key] };

/**
 * Appends each committed entry to files beside the database, for the day on which the database's own are damaged. A sale
 * does not wait for it: it is one write after the commit, flushed within a second. After a power cut the database says what
 * was committed, and the journal is caught up from it.
 */
export function createLedgerJournal({
  connection,
  dataDir,
  incarnation,
  cipher,
  found,
  limits = { segmentBytes: SEGMENT_BYTES, segments: SEGMENTS_MAX, logEntries: LOG_ENTRIES_MAX },
}: LedgerJournalOptions): LedgerJournal {
  const head = connection.statement<{ seq: number | null }>('SELECT max(seq) AS seq FROM ledger');
  const backedUp = connection.statement<{ seq: number }>(
    'SELECT max(b.seq, s.backed_up_seq) AS seq FROM ledger_base b, sync_state s',
  );
  const erased = connection.statement('SELECT 1 FROM erased_keys WHERE key_id = ?');
  const read = createEntryReader(connection);

  const segments: WrittenSegment[] = found.segments.map((segment) => ({ ...segment }));
  const secrets = new Map([...found.secrets].map(([keyId, places]) => [keyId, [...places]]));
  let lastSeq = found.last?.seq ?? 0;
  let open: { readonly segment: WrittenSegment; readonly handle: number } | undefined;
  let unflushed = 0;
  let flushing: number | undefined;
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

  function catchUp(entriesMax: number): void {
    const to = head.get()?.seq ?? 0;
    if (to <= lastSeq) return;
    if (to > lastSeq + 1) lastSeq = Math.max(lastSeq, to - CATCH_UP_FROM_MAX, settledSeq());
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
      if (keyId !== undefined) {
        const places = secrets.get(keyId) ?? [];
        places.push({ segment: no, at: record.secretAt, bytes: record.secretBytes });
        secrets.set(keyId, places);
      }
      segment.end += record.bytes.length;
      segment.firstSeq ||= seq;
      segment.lastSeq = seq;
      unflushed += 1;
    }
    lastSeq = seq;
  }

  /** The segment that takes the next record, a fresh one where the last is full or another database's. */
  function writable(): NonNullable<typeof open> {
    const last = segments.at(-1);
    const goesOn = last?.incarnation === incarnation && last.end < limits.segmentBytes;
    if (goesOn && open?.segment === last) return open;
    if (goesOn) return openSegment(last);
    retire();
    const fresh = {
      ...segmentFile(dataDir, (last?.no ?? 0) + 1, incarnation),
      end: 0,
      firstSeq: 0,
      lastSeq: 0,
    };
    const opened = openSegment(fresh);
    segments.push(fresh);
    while (segments.length > limits.segments) removeFirst();
    syncFolder(dataDir);
    return opened;
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
    const { handle } = open;
    open = undefined;
    try {
      fdatasyncSync(handle);
      unflushed = 0;
    } finally {
      if (flushing === handle) closesAfterFlush = true;
      else closeSync(handle);
    }
  }

  function removeFirst(): void {
    const first = segments[0];
    if (first === undefined) return;
    const boxes = [...secrets.values()].flat().filter(({ segment }) => segment === first.no);
    try {
      // A later erasure does not reach what lies in the blocks of a file that is gone.
      overwriteBoxes([first], boxes, 0);
    } finally {
      rmSync(first.path, { force: true });
    }
    segments.shift();
    for (const [keyId, places] of secrets) {
      const kept = places.filter(({ segment }) => segment !== first.no);
      if (kept.length === 0) secrets.delete(keyId);
      else secrets.set(keyId, kept);
    }
  }

  function removeBackedUp(): void {
    const upTo = settledSeq();
    while (segments.length > 1 && (segments[0]?.lastSeq ?? 0) <= upTo) removeFirst();
  }

  /** Flushes without the till's thread waiting. */
  function flush(): void {
    if (open === undefined || unflushed === 0 || flushing !== undefined) return;
    const { handle } = open;
    const before = unflushed;
    [unflushed, flushing] = [0, handle];
    fdatasync(handle, (error) => {
      flushing = undefined;
      if (closesAfterFlush) closeSync(handle);
      closesAfterFlush = false;
      if (error === null) return;
      unflushed += before;
      isFailing = true;
    });
  }

  function overwriteErased(): void {
    if (!isErasing) return;
    const gone = [...secrets].filter(([keyId]) => erased.get(keyId) !== undefined);
    const boxes = gone.flatMap(([, places]) => places);
    overwriteBoxes(segments, boxes, ERASED_BYTE);
    for (const [keyId] of gone) secrets.delete(keyId);
    isErasing = false;
  }

  return {
    committed: () => guarded(overwriteErased, () => catchUp(CATCH_UP_AT_COMMIT_MAX)),
    erasing() {
      isErasing = true;
    },
    beat: () => guarded(overwriteErased, () => catchUp(CATCH_UP_MAX), flush, removeBackedUp),
    facts() {
      const fromSeq = segments.find(({ firstSeq }) => firstSeq > 0)?.firstSeq ?? 0;
      const toSeq = segments.findLast((segment) => segment.lastSeq > 0)?.lastSeq ?? 0;
      const base = backedUp.get()?.seq ?? 0;
      const isBehind = (head.get()?.seq ?? 0) > Math.max(lastSeq, base);
      const state = isFailing
        ? 'failing'
        : isBehind
          ? 'behind'
          : fromSeq > base + 1
            ? 'part'
            : 'whole';
      return { state, fromSeq, toSeq, bytes: segments.reduce((sum, { end }) => sum + end, 0) };
    },
    close: () => guarded(retire),
  };
}
