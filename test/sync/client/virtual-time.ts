import type { SyncClock, SyncTimers } from '../../../sync/client/deps.ts';

interface Waiting {
  readonly atMs: number;
  readonly run: () => void;
}

/** Time that moves only when a test says so; sockets stay real. */
export interface VirtualTime {
  readonly clock: SyncClock & {
    /** Sets the wall clock apart from the time that passes. */ setWall(ms: number): void;
  };
  readonly timers: SyncTimers;
  /** Lets `ms` pass: what falls due runs in its order, with room for what real sockets bring in between. */
  advance(ms: number): Promise<void>;
  /** Timers that wait. */
  pending(): number;
}

export function createVirtualTime(startMs = Date.parse('2026-03-02T09:00:00Z')): VirtualTime {
  const waiting = new Set<Waiting>();
  let monoMs = 0;
  let wallOffsetMs = startMs;
  return {
    clock: {
      now: () => wallOffsetMs + monoMs,
      monoMs: () => monoMs,
      setWall(ms) {
        wallOffsetMs = ms - monoMs;
      },
    },
    timers: {
      set(delayMs, run) {
        const one = { atMs: monoMs + delayMs, run };
        waiting.add(one);
        return one;
      },
      clear: (handle) => void waiting.delete(handle as Waiting),
      immediate: (run) => void setImmediate(run),
    },
    async advance(ms) {
      const endMs = monoMs + ms;
      for (;;) {
        await settle();
        const [next] = [...waiting].sort((a, b) => a.atMs - b.atMs);
        if (next === undefined || next.atMs > endMs) break;
        waiting.delete(next);
        monoMs = Math.max(monoMs, next.atMs);
        next.run();
      }
      monoMs = endMs;
      await settle();
    },
    pending: () => waiting.size,
  };
}

/** Gives sockets and promises some turns. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Waits for something that real input brings about; the test's own time-out ends it. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** The machine's own clock and timers. */
export const realTime: { readonly clock: SyncClock; readonly timers: SyncTimers } = {
  clock: { now: () => Date.now(), monoMs: () => performance.now() },
  timers: {
    set: (delayMs, run) => setTimeout(run, delayMs),
    clear: (handle) => clearTimeout(handle as NodeJS.Timeout),
    immediate: (run) => void setImmediate(run),
  },
};
