/** What the thread is started with. It says `ready` once it has the database open; any message ends it. */
export interface CheckpointData {
  readonly file: string;
  readonly key: Uint8Array;
  /** {@link LOG_FACTS} 32-bit numbers, at the places below. */
  readonly facts: SharedArrayBuffer;
}

/** 1 while the log is long and not all of it was moved; written by the thread. */
export const CROWDED = 0;
/** Pages of the log that the thread had yet to move when it last looked; written by the thread. */
export const LEFT = 1;
/** 1 = the till asks for all of the log to be moved; the thread takes it back to 0. */
export const MOVE_ALL = 2;
/** How many numbers both sides share. */
export const LOG_FACTS = 3;
