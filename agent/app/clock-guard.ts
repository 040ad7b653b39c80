import type { MetaRepository } from '../store/store.ts';
import type { Clock } from './deps.ts';

/** A wall clock so far behind the highest time seen is no correction but a clock set back. */
export const CLOCK_SET_BACK_MS = 5 * 60_000;
/**
 * A leap of the wall clock counts as time gone by up to here: a night, a long weekend. What is beyond may be a clock set
 * wrong as well as a long closure, and nothing is thrown away on its word.
 */
export const CLOCK_LEAP_MAX_MS = 4 * 24 * 60 * 60_000;

/** Where times survive a restart, in epoch milliseconds. */
export interface ClockMemory {
  /** The highest trusted wall time. */
  get(): number | undefined;
  set(epochMs: number): void;
  /** See {@link ClockGuard.provenMs}. */
  getProven(): number | undefined;
  setProven(epochMs: number): void;
}

const HIGHEST_TIME = 'clock.highest-ms';
const PROVEN_TIME = 'clock.proven-ms';

/** The memory in the till's own database. */
export function clockMemory(meta: MetaRepository): ClockMemory {
  const read = (name: string): number | undefined => {
    const text = meta.get(name);
    return text === undefined ? undefined : Number.parseInt(text, 10);
  };
  return {
    get: () => read(HIGHEST_TIME),
    set: (epochMs) => meta.set(HIGHEST_TIME, String(epochMs)),
    getProven: () => read(PROVEN_TIME),
    setProven: (epochMs) => meta.set(PROVEN_TIME, String(epochMs)),
  };
}

export interface ClockGuard {
  /** The till's time in epoch milliseconds: never runs backwards, within one run and over restarts, but by {@link confirm}. */
  now(): number;
  /** False while the wall clock is more than {@link CLOCK_SET_BACK_MS} behind what was seen before. */
  trusted(): boolean;
  /**
   * The time by which the age of data may be judged before it is thrown away. It runs with the till, takes each leap of
   * the wall clock for {@link CLOCK_LEAP_MAX_MS} at most, and is never ahead of {@link now}. Being behind only keeps longer.
   */
  provenMs(): number;
  /** Writes the times down; call where something is written anyway. */
  remember(): void;
  /**
   * Takes the wall clock as it stands for right, wherever it was before: somebody who may say so has looked at it.
   * @returns how to take that back, for whoever could not write it down
   */
  confirm(): () => void;
}

/**
 * Time that cannot be turned back to make an expired right valid again. While the wall clock is behind, time goes on
 * by the monotonic clock from the highest time seen, so that deadlines still pass; it is trusted again when the wall
 * clock has caught up or was set right. A clock set forward cannot be told from a long standstill and is believed for
 * what happens at this moment, not for what may be thrown away.
 */
export function createClockGuard(clock: Clock, memory: ClockMemory): ClockGuard {
  let lastMs = memory.get() ?? clock.now();
  let lastMonoMs = clock.monoMs();
  let trusted = true;
  let highestTrustedMs = lastMs;
  let provenMs = Math.min(memory.getProven() ?? lastMs, lastMs);

  function now(): number {
    const monoMs = clock.monoMs();
    const ranMs = Math.max(0, monoMs - lastMonoMs);
    const expectedMs = lastMs + ranMs;
    const wallMs = clock.now();
    trusted = wallMs >= expectedMs - CLOCK_SET_BACK_MS;
    const nextMs = trusted ? Math.max(wallMs, lastMs) : Math.floor(expectedMs);
    provenMs += Math.min(nextMs - lastMs, Math.floor(ranMs) + CLOCK_LEAP_MAX_MS);
    lastMs = nextMs;
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
    provenMs() {
      now();
      return provenMs;
    },
    remember() {
      memory.set(highestTrustedMs);
      memory.setProven(provenMs);
    },
    confirm() {
      now();
      const before = { lastMs, trusted, highestTrustedMs, provenMs };
      const wallMs = clock.now();
      lastMs = wallMs;
      trusted = true;
      highestTrustedMs = wallMs;
      provenMs = wallMs;
      return () => {
        ({ lastMs, trusted, highestTrustedMs, provenMs } = before);
      };
    },
  };
}
