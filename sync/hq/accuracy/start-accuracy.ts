import type { HqDeps } from '../deps.ts';
import { describeError } from '../server/describe-error.ts';
import { createAccuracyCheck } from './create-accuracy-check.ts';

/** New sales are looked for so often, in milliseconds: nobody waits for the report, and most of them are few. */
export const ACCURACY_EVERY_MS = 15_000;

/** Looks at sales as they come, beside the calls of HQ. */
export function startAccuracy(deps: HqDeps): { stop(): Promise<void> } {
  const check = createAccuracyCheck(deps);
  let stopped = false;
  let underWay: Promise<unknown> = Promise.resolve();
  let isBusy = false;

  async function look(): Promise<void> {
    try {
      await check.run(() => stopped);
    } catch (error) {
      // It comes again by itself and goes on where it was.
      deps.log('warn', 'sales were not checked', describeError(error));
    } finally {
      isBusy = false;
    }
  }

  const timer = deps.timers.every(ACCURACY_EVERY_MS, () => {
    if (isBusy) return;
    isBusy = true;
    underWay = look();
  });
  return {
    async stop() {
      stopped = true;
      deps.timers.clear(timer);
      await underWay;
    },
  };
}
