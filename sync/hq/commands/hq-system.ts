import type { HqTimers } from '../deps.ts';

/** What the commands take from the machine. */
export interface HqSystem {
  /** Epoch milliseconds of the wall clock. */
  nowMs(): number;
  random(bytes: number): Uint8Array;
  readonly timers: HqTimers;
  /** Of this program. */
  readonly version: string;
}
