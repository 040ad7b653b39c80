import type { SyncStore } from './ports.ts';

/** The machine's clocks. */
export interface SyncClock {
  /** Wall time in epoch milliseconds; may jump and may be wrong by years. */
  now(): number;
  /** Milliseconds on a clock that never goes back; only differences mean anything. */
  monoMs(): number;
}

export interface SyncTimers {
  set(delayMs: number, run: () => void): unknown;
  clear(handle: unknown): void;
  /** Runs after the input that waits was handled: `setImmediate`. */
  immediate(run: () => void): void;
}

/** Fields never carry a name, a phone, a card, a code or a token. */
export type SyncLog = (
  level: 'debug' | 'info' | 'warn' | 'error',
  message: string,
  fields?: Readonly<Record<string, unknown>>,
) => void;

/** What every part of the sync client takes from outside. */
export interface SyncDeps {
  readonly store: SyncStore;
  readonly clock: SyncClock;
  readonly timers: SyncTimers;
  /** Cryptographically strong random bytes. */
  readonly random: (bytes: number) => Uint8Array;
  readonly log: SyncLog;
  /**
   * HQ holds entries of this till that its database does not know, as where a disk's image was brought back. Sync has
   * stopped; the database needs a fresh incarnation before it may speak to HQ again.
   */
  readonly onOutdated?: (() => void) | undefined;
  /** Version of the till's program. */
  readonly version: string;
}
