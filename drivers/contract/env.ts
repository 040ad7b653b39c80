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
  /** Never given the text of a code: it may be a payment code, which must not be logged. */
  log(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void;
};

/** One moment on both clocks; `wall` is ISO 8601 in UTC. */
export type Moment = { readonly monoMs: number; readonly wall: string };

/** The present moment of `env`. */
export const momentOf = (env: DriverEnv): Moment => ({
  monoMs: env.clock.monoMs(),
  wall: new Date(env.clock.now()).toISOString(),
});
