/** What the commands take from the machine. */
export interface HqSystem {
  /** Epoch milliseconds of the wall clock. */
  nowMs(): number;
  random(bytes: number): Uint8Array;
  /** Of this program. */
  readonly version: string;
}
