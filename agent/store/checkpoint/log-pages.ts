/**
 * How long the write-ahead log may grow, in pages of 4 KiB, and who does something about it. The thread moves pages into
 * the file beside the till; the log begins anew only once every page of it was moved, which takes a moment in which
 * nothing is written.
 */

/** The thread moves the log from so many pages on that were not moved yet: few flushes, and each one short. */
export const LOG_MOVED_PAGES = 1_000;
/** From here on sync waits until all of the log was moved; sales go on. */
export const LOG_CROWDED_PAGES = 4_000;
/** Where neither kept it short, the till's own connection moves what is left after a commit. */
export const LOG_MAX_PAGES = 15_000;
/** Without a thread the connection that writes moves the log so often: fewer, larger moves for big loads. */
export const LOG_ALONE_PAGES = 4_000;
/** Bytes of log file kept after it was emptied: all that {@link LOG_MAX_PAGES} take, so that it need not grow anew. */
export const LOG_KEPT_BYTES = 64 * 1024 * 1024;
