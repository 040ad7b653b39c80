import type { DriverEnv } from './contract/env.ts';
import type { DriverSink } from './contract/event.ts';

/** A hang is told between codes: so often is looked whether one is being read. */
export const CODE_LOOK_MS = 50;
/** Longest wait for the end of a code; the slowest reader that can be set up pauses no longer inside one. */
export const CODE_WAIT_MS = 5_000;

/**
 * A sink that keeps the news of a hang back while a code is being read anywhere: whoever hears it ends this process, and
 * half a code with it. A scanner that never stops sending holds it up no longer than the limit.
 */
export const tellHangsBetweenCodes =
  (env: DriverEnv, isReading: () => boolean, sink: DriverSink): DriverSink =>
  (event) => {
    if (event.type !== 'hang') return sink(event);
    const untilMs = env.clock.monoMs() + CODE_WAIT_MS;
    const look = (): void => {
      if (isReading() && env.clock.monoMs() < untilMs) env.timers.set(look, CODE_LOOK_MS);
      else sink(event);
    };
    look();
  };
