import type { DriverEnv, LogLevel } from '../../drivers/contract/env.ts';

/** Microtask turns between timers: enough for the longest chain of awaits in a driver. */
const TURNS = 50;
/** Log lines kept for inspection. */
const KEPT_LOG_LINES = 1_000;

type ManualTimer = { readonly dueMs: number; readonly order: number; readonly run: () => void };

export type ManualEnv = DriverEnv & {
  /** Moves time on, running due timers in order and letting promises settle in between. */
  advance(byMs: number): Promise<void>;
  /** Lets promises settle without moving time. */
  settle(): Promise<void>;
  pendingTimers(): number;
  readonly lines: readonly {
    readonly level: LogLevel;
    readonly message: string;
    readonly fields: unknown;
  }[];
};

/** An environment whose time moves only by `advance`; `seed` starts its randomness. */
export const createManualEnv = (seed = 1, startEpochMs = Date.UTC(2026, 0, 5, 9)): ManualEnv => {
  let nowMs = 0;
  let order = 0;
  let random = seed >>> 0;
  const timers = new Set<ManualTimer>();
  const lines: { level: LogLevel; message: string; fields: unknown }[] = [];

  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < TURNS; turn += 1) await Promise.resolve();
  };

  const nextDue = (untilMs: number): ManualTimer | undefined =>
    [...timers]
      .filter((timer) => timer.dueMs <= untilMs)
      .sort((a, b) => a.dueMs - b.dueMs || a.order - b.order)[0];

  return {
    clock: { monoMs: () => nowMs, now: () => startEpochMs + nowMs },
    timers: {
      set(run, delayMs) {
        const timer = { dueMs: nowMs + delayMs, order: order++, run };
        timers.add(timer);
        return timer;
      },
      clear: (handle) => void timers.delete(handle as ManualTimer),
    },
    // Linear congruential generator with the constants of Numerical Recipes, second edition.
    random: () => {
      random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
      return random / 0x1_0000_0000;
    },
    log(level, message, fields) {
      if (lines.length < KEPT_LOG_LINES) lines.push({ level, message, fields });
    },
    async advance(byMs) {
      const untilMs = nowMs + byMs;
      await settle();
      for (let due = nextDue(untilMs); due !== undefined; due = nextDue(untilMs)) {
        timers.delete(due);
        nowMs = Math.max(nowMs, due.dueMs);
        due.run();
        await settle();
      }
      nowMs = untilMs;
    },
    settle,
    pendingTimers: () => timers.size,
    lines,
  };
};
