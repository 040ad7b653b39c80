import type { MetaRepository } from '../store/store.ts';
import type { Clock } from './deps.ts';

/** A wall clock so far behind the highest time seen is no correction but a clock set back. */
export const CLOCK_SET_BACK_MS = 5 * 60_000;

/** Where the highest wall time seen survives a restart. */
export interface ClockMemory {
  get(): number | undefined;
  set(epochMs: number): void;
}

const HIGHEST_TIME = 'clock.highest-ms';

/** The memory in the till's own database. */
export function clockMemory(meta: MetaRepository): ClockMemory {
  return {
    get() {
      const text = meta.get(HIGHEST_TIME);
      return text === undefined ? undefined : Number.parseInt(text, 10);
    },
    set: (epochMs) => meta.set(HIGHEST_TIME, String(epochMs)),
  };
}

export interface ClockGuard {
  /** The till's time in epoch milliseconds: never runs backwards, within one run and over restarts. */
  now(): number;
  /** False while the wall clock is more than {@link CLOCK_SET_BACK_MS} behind what was seen before. */
  trusted(): boolean;
  /** Writes the highest trusted time down; call where something is written anyway. */
  remember(): void;
}

/**
 * Time that cannot be turned back to make an expired right valid again. While the wall clock is behind, time goes on
 * by the monotonic clock from the highest time seen, so that deadlines still pass; it is trusted again when the wall
 * clock has caught up or was set right. A clock set forward cannot be told from a long standstill and is believed.
 */
export function createClockGuard(clock: Clock, memory: ClockMemory): ClockGuard {
  let lastMs = memory.get() ?? clock.now();
  let lastMonoMs = clock.monoMs();
  let trusted = true;
  let highestTrustedMs = lastMs;

  function now(): number {
    const monoMs = clock.monoMs();
    const expectedMs = lastMs + Math.max(0, monoMs - lastMonoMs);
    const wallMs = clock.now();
    trusted = wallMs >= expectedMs - CLOCK_SET_BACK_MS;
    lastMs = trusted ? Math.max(wallMs, lastMs) : Math.floor(expectedMs);
    lastMonoMs = monoMs;
    if (trusted) highestTrustedMs = lastMs;
    return lastMs;
  }

  now();
  return {
    now,
    trusted() {
      now();
      return trusted;
    },
    remember: () => memory.set(highestTrustedMs),
  };
}
