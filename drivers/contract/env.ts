import type { DeviceLocks } from './device-lock.ts';

/** Opaque handle of a running timer. */
export type TimerHandle = unknown;

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/**
 * Everything a driver takes from outside: time, timers, randomness and the log.
 * Passed in so that a driver can be run on a manual clock.
 */
export type DriverEnv = {
  readonly clock: {
    /** Milliseconds on a clock that never goes back; only differences mean anything. */
    monoMs(): number;
    /** Wall time in epoch milliseconds; may jump. */
    now(): number;
  };
  readonly timers: {
    set(run: () => void, delayMs: number): TimerHandle;
    clear(handle: TimerHandle): void;
  };
  /** Uniform in [0, 1). */
  random(): number;
  /**
   * Calls `run` when something was plugged in, pulled or given rights somewhere on this computer.
   * A hint to look at once, which may never come; the result ends it.
   */
  onDeviceNews(run: () => void): () => void;
  /** Claims of devices that every agent on this computer respects. */
  readonly locks: DeviceLocks;
  /** Never given the text of a code: it may be a payment code, which must not be logged. */
  log(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void;
};

/** One moment on both clocks; `wall` is ISO 8601 in UTC. */
export type Moment = { readonly monoMs: number; readonly wall: string };

/** The present moment of `env`. */
export const momentOf = (env: Pick<DriverEnv, 'clock'>): Moment => ({
  monoMs: env.clock.monoMs(),
  wall: new Date(env.clock.now()).toISOString(),
});

/**
 * A name for one life of a driver, unlike that of any other on this till: when it began and 32
 * random bits, so that neither a clock set back nor two drivers born at once repeat it.
 */
export const epochOf = (env: Pick<DriverEnv, 'clock' | 'random'>): string => {
  const random = Math.floor(env.random() * 0x1_0000_0000);
  return `${env.clock.now().toString(36)}-${random.toString(16).padStart(8, '0')}`;
};
