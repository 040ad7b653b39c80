import { LOG_MAX_PAGES } from '../checkpoint/log-pages.ts';

/** A segment takes its last record beyond so many bytes. */
export const SEGMENT_BYTES = 8 * 1024 * 1024;
/** Full segments that are kept; the oldest goes for one more. 35 days without headquarters at 500 sales a day fit in. */
export const SEGMENTS_MAX = 32;
/** So many small segments, of which each incarnation begins one, are kept for each full one. */
export const SMALL_SEGMENTS = 8;
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

/** The limits of a till. */
export const JOURNAL_LIMITS: JournalLimits = {
  segmentBytes: SEGMENT_BYTES,
  segments: SEGMENTS_MAX,
  logEntries: LOG_ENTRIES_MAX,
};
