import { expect } from 'vitest';

/** Timers that run when the test says. */
export function handTimers() {
  let due: (() => void) | undefined;
  return {
    timers: {
      set: (_delayMs: number, run: () => void) => {
        due = run;
        return run;
      },
      every: () => null,
      clear: () => {
        due = undefined;
      },
    },
    async fire(): Promise<void> {
      const run = due;
      due = undefined;
      run?.();
      await expect.poll(() => due !== undefined).toBe(true);
    },
  };
}
