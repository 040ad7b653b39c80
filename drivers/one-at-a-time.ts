import type { DriverEnv } from './contract/env.ts';
import { err, type Result } from './contract/result.ts';
import { type TimeLimitError, withTimeLimit } from './time-limit.ts';

/** As `withTimeLimit`, but starts nothing while an earlier call is still under way. */
export type OneAtATime = <T>(
  limitMs: number,
  work: () => Promise<T>,
  late?: (value: T) => void,
) => Promise<Result<T, TimeLimitError>>;

/**
 * Calls of one kind, of which one is under way at a time. A call that hangs keeps a thread of the
 * process, of which there are few: asked again and again it would stop every device and every file.
 * While one has not come home, the next is answered `timed-out` at once and is not started.
 */
export const oneAtATime = (env: DriverEnv): OneAtATime => {
  let underWay = false;
  return (limitMs, work, late) => {
    if (underWay) return Promise.resolve(err({ code: 'timed-out', limitMs }));
    underWay = true;
    const run = async () => {
      try {
        return await work();
      } finally {
        underWay = false;
      }
    };
    return withTimeLimit(env, limitMs, run, late);
  };
};
