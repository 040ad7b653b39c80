import type { SyncClock } from './deps.ts';

/** What is known of headquarters' clock. The till's own clock is never changed by it. */
export interface HqClock {
  /** Headquarters said what time it is. @param at ISO instant */
  note(at: string): void;
  /** Headquarters' time by what was heard in this run and the time that has passed since; `null` = not heard. */
  nowMs(): number | null;
  /** Headquarters' clock minus the till's when last compared, in milliseconds. */
  offsetMs(): number | null;
}

export function createHqClock(clock: SyncClock): HqClock {
  let heard: { readonly atMs: number; readonly monoMs: number; readonly offsetMs: number } | null =
    null;
  return {
    note(at) {
      const atMs = Date.parse(at);
      heard = { atMs, monoMs: clock.monoMs(), offsetMs: atMs - clock.now() };
    },
    nowMs: () => (heard === null ? null : heard.atMs + (clock.monoMs() - heard.monoMs)),
    offsetMs: () => (heard === null ? null : heard.offsetMs),
  };
}
