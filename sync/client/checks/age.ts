import type { SyncClock } from '../deps.ts';

/** A wall clock that says that a day has passed is believed once so much time has really passed, in milliseconds. */
export const WALL_TRUST_MS = 60 * 60_000;

/** When something was last done. */
export interface Mark {
  readonly wallMs: number;
  /** On the clock that never goes back; `null` = in a former run of the program. */
  readonly monoMs: number | null;
}

/**
 * Milliseconds since a mark. In one run the clock that never goes back counts; the wall clock is heard besides, because a
 * machine that slept did not count, but a clock that jumps may bring nothing forth more than once an hour. Before this
 * run only the wall clock knows; a mark in the future is as old as any.
 */
export function ageMs({ wallMs, monoMs }: Mark, clock: SyncClock): number {
  const byWall = clock.now() - wallMs;
  if (monoMs === null) return byWall < 0 ? Number.POSITIVE_INFINITY : byWall;
  const passedMs = clock.monoMs() - monoMs;
  return passedMs >= WALL_TRUST_MS ? Math.max(passedMs, byWall) : passedMs;
}
