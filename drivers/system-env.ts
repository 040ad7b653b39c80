import { getRandomValues } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { DriverEnv } from './contract/env.ts';
import { createDeviceNews } from './device-news.ts';
import { createSystemLocks } from './system-locks.ts';

/** The real clock, timers and randomness, for the process entry; drivers never reach for them. */
export const createSystemEnv = (log: DriverEnv['log']): DriverEnv => ({
  clock: { monoMs: () => performance.now(), now: () => Date.now() },
  timers: {
    set: (run, delayMs) => setTimeout(run, delayMs),
    clear: (handle) => clearTimeout(handle as NodeJS.Timeout),
  },
  random: () => (getRandomValues(new Uint32Array(1))[0] ?? 0) / 0x1_0000_0000,
  onDeviceNews: createDeviceNews(log),
  locks: createSystemLocks(),
  log,
});
