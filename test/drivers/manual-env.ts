import process from 'node:process';
import type { DriverEnv, LogLevel } from '../../drivers/contract/env.ts';
import { createSimLocks } from './sim-locks.ts';

/** Microtask turns between timers, and ticks in between: enough for the longest chain of awaits in a driver. */
const TURNS = 50;
const TICKS = 4;
/** Log lines kept for inspection. */
const KEPT_LOG_LINES = 1_000;

type ManualTimer = { readonly dueMs: number; readonly order: number; readonly run: () => void };

export type ManualEnv = DriverEnv & {
  /** Tells every driver that something was plugged in somewhere. */
  deviceNews(): void;
  newsListeners(): number;
  readonly locks: ReturnType<typeof createSimLocks>;
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
  const news = new Set<() => void>();
  const lines: { level: LogLevel; message: string; fields: unknown }[] = [];

  const settle = async (): Promise<void> => {
    for (let tick = 0; tick < TICKS; tick += 1) {
      for (let turn = 0; turn < TURNS; turn += 1) await Promise.resolve();
      // Ticks wait for as long as there are microtasks.
      await new Promise<void>((resolve) => process.nextTick(resolve));
    }
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
    onDeviceNews(run) {
      const listener = () => run();
      news.add(listener);
      return () => void news.delete(listener);
    },
    deviceNews() {
      for (const run of news) run();
    },
    newsListeners: () => news.size,
    locks: createSimLocks(),
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
