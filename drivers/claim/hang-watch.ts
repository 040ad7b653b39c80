import type { DriverEnv } from '../contract/env.ts';

/**
 * A call to a device that is under way for this long hangs. It keeps a thread of the process, nothing of this process
 * ends it, and the device cannot be used before it has come home.
 */
export const HANG_LIMIT_MS = 30_000;

/** The calls that are watched, as they are told. */
export type WatchedCall = 'look' | 'lock' | 'open' | 'check' | 'write' | 'close';

/** The same work, told once when it hangs. */
export type HangWatch = <T>(call: WatchedCall, work: () => Promise<T>) => () => Promise<T>;

/** Watches calls on their own time, which goes on when whoever waits for one has given up. */
export const watchHangs =
  (env: DriverEnv, tell: (call: WatchedCall) => void): HangWatch =>
  (call, work) =>
  async () => {
    const timer = env.timers.set(() => tell(call), HANG_LIMIT_MS);
    try {
      return await work();
    } finally {
      env.timers.clear(timer);
    }
  };
