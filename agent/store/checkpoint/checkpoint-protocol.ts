/** What the thread is started with. It says `ready` once it has the database open; any message ends it. */
export interface CheckpointData {
  readonly file: string;
  readonly key: Uint8Array;
  /** One 32-bit number: 1 while the log is long and not all of it was moved. */
  readonly crowded: SharedArrayBuffer;
}
