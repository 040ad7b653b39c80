/** Columns of one file, at most. */
export const IMPORT_COLUMNS_MAX = 300;
/** Characters of one row, at most; a longer one is refused by itself and read over in bounded memory. */
export const IMPORT_ROW_MAX_CHARS = 64 * 1024;
/** Rows of one batch: one transaction, after which a killed import goes on. */
export const IMPORT_BATCH_ROWS = 1_000;
/** Characters of one batch, after which it ends early: rows may be long. */
export const IMPORT_BATCH_MAX_CHARS = 4 * 1024 * 1024;
/** Rows of one batch where each may cost a PIN hash. */
export const IMPORT_STAFF_BATCH_ROWS = 100;
/** Bytes read from the file at a time. */
export const IMPORT_CHUNK_BYTES = 256 * 1024;
/** Bytes from the first one that is not ASCII by which the encoding is told. */
export const IMPORT_SAMPLE_BYTES = 256 * 1024;
/** Bytes at each end of the file that make its mark. */
export const IMPORT_MARK_BYTES = 64 * 1024;
/** Characters of a refused value that a report shows. */
export const IMPORT_VALUE_MAX_CHARS = 40;
/** Problems that one row is reported with, at most. */
export const IMPORT_ROW_MAX_PROBLEMS = 20;
/** Times that a batch is tried again where another transaction was in its way. */
export const IMPORT_BATCH_TRIES = 8;
/** Problems that a trial without writing keeps for its report; the rest is counted. */
export const IMPORT_TRIAL_MAX_PROBLEMS = 10_000;
/** Rows fetched from a table at a time. */
export const SOURCE_FETCH_ROWS = 1_000;
/** A statement at the source that works for so long is ended, in milliseconds: the first one sorts the whole table. */
export const SOURCE_STATEMENT_MS = 120_000;
