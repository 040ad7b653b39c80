import type { HqTimers } from './deps.ts';

/** The timers of this machine. A repeated one does not keep a stopping process alive; work that somebody waits for does. */
export const systemTimers: HqTimers = {
  set: (delayMs, run) => setTimeout(run, delayMs),
  every: (intervalMs, run) => setInterval(run, intervalMs).unref(),
  clear: (handle) => clearTimeout(handle as NodeJS.Timeout | undefined),
};
