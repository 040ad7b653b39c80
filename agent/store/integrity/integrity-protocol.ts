/** What the thread is started with; it answers with one {@link IntegrityAnswer} and ends. */
export interface IntegrityData {
  readonly file: string;
  readonly key: Uint8Array;
}

/** What the thread found. */
export interface IntegrityAnswer {
  /** Tables that were looked at, each with its indexes. */
  readonly tables: number;
  /** What SQLite says of the first faults; empty = none. */
  readonly faults: readonly string[];
}

/** Faults that are told, at most. */
export const FAULTS_MAX = 10;
/** Between two tables the thread lets the log be moved, in milliseconds. */
export const BETWEEN_TABLES_MS = 100;
