import type { DriverEnv } from './contract/env.ts';
import { err, ok, type Result } from './contract/result.ts';

/** The end of a silence is looked at twice, this far apart, so that the system was asked for input in between. */
export const SECOND_LOOK_MS = 1;

export type TimeLimitError =
  | { readonly code: 'timed-out'; readonly limitMs: number }
  | { readonly code: 'threw'; readonly cause: unknown };

/**
 * Waits for `work` no longer than `limitMs`. A broken device answers no call, and a driver
 * that waits for ever is dead without saying so. The work itself cannot be stopped: when it
 * ends late, `late` gets its value, to be cleaned up.
 */
export const withTimeLimit = <T>(
  env: DriverEnv,
  limitMs: number,
  work: () => Promise<T>,
  late: (value: T) => void = () => {},
): Promise<Result<T, TimeLimitError>> =>
  new Promise((resolve) => {
    let open = true;
    const finish = (result: Result<T, TimeLimitError>): void => {
      open = false;
      env.timers.clear(timer);
      resolve(result);
    };
    const timer = env.timers.set(() => finish(err({ code: 'timed-out', limitMs })), limitMs);
    // The wrapper turns a synchronous throw of an adapter into the same outcome as a rejection.
    Promise.resolve()
      .then(work)
      .then(
        (value) => (open ? finish(ok(value)) : late(value)),
        (cause: unknown) => {
          if (open) finish(err({ code: 'threw', cause }));
          else
            env.log('warn', 'a device call failed after its time limit', { cause: String(cause) });
        },
      );
  });

/** What went wrong, in words for the log. */
export const timeLimitDetail = (error: TimeLimitError): string =>
  error.code === 'timed-out' ? `no answer within ${error.limitMs} ms` : String(error.cause);
