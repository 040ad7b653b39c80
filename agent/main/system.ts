import { createHash, randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { type Logger, pino } from 'pino';
import type { Log } from '../app/deps.ts';
import { UUID_RANDOM_BYTES, uuidv7 } from '../contract/index.ts';

/** The clocks, randomness and timers of this machine: the one place that reads them. */
export const systemClock = {
  now: (): number => Date.now(),
  monoMs: (): number => performance.now(),
};
export const systemRandom = (count: number): Uint8Array => randomBytes(count);
export const newId = (): string => uuidv7(Date.now(), randomBytes(UUID_RANDOM_BYTES));
export const sha256Hex = (data: string | Uint8Array): string =>
  createHash('sha256').update(data).digest('hex');

export const systemTimers = {
  set(delayMs: number, run: () => void): unknown {
    const handle = setTimeout(run, delayMs);
    // A waiting timer must not keep a stopping process alive.
    handle.unref();
    return handle;
  },
  clear(handle: unknown): void {
    clearTimeout(handle as NodeJS.Timeout);
  },
};

/** Timers that keep the process alive: for work that somebody waits for. */
export const waitedTimers = {
  set: (delayMs: number, run: () => void): unknown => setTimeout(run, delayMs),
  clear: systemTimers.clear,
  immediate: (run: () => void): void => void setImmediate(run),
};

/** Structured log on standard error, so that `--json` output stays alone on standard output. */
export function createLog(level: string) {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  );
}

/** The use cases' log on a pino logger. */
export function toAppLog(log: Logger): Log {
  return (level, message, fields = {}) => log[level](fields, message);
}
