import { type DriverEnv, momentOf } from '../contract/env.ts';
import type { DriverSink } from '../contract/event.ts';
import type { CaptureProblem, FingerEvent, FingerFailure } from '../contract/finger.ts';
import { err, ok, type Result } from '../contract/result.ts';
import type { ModuleCode } from './codes.ts';
import type { FingerModule } from './module.ts';

/** Between two looks at an empty glass. */
export const LOOK_EVERY_MS = 50;
/** Bad captures in a row after which the act ends: a dry or hurt finger, or a dirty glass. */
export const MAX_RETAKES = 5;
/** Longest wait for a finger to leave the glass between two captures. */
export const LIFT_LIMIT_MS = 15_000;

/** What a code of a capture means; absent = it is no matter of how the finger lies. */
const problems: Partial<Record<ModuleCode, CaptureProblem>> = {
  'capture-failed': 'capture-failed',
  'too-messy': 'messy',
  'too-few-features': 'few-features',
  'no-valid-image': 'capture-failed',
  'residual-finger': 'residual',
};

/** Codes of a capture that end the act. */
const endings: Partial<Record<ModuleCode, FingerFailure['code']>> = {
  'sensor-fault': 'sensor-fault',
  'hardware-fault': 'sensor-fault',
  'command-failed': 'sensor-fault',
  'wrong-password': 'wrong-password',
  'password-required': 'wrong-password',
  unsupported: 'unsupported',
};

/** An act that a person takes part in: which capture of how many, and whether it was given up. */
export type Sitting = {
  readonly captures: number;
  readonly untilMs: number;
  isCancelled(): boolean;
};

export type Captures = {
  /** Waits for a finger and turns its image into a template in `buffer`; gives how often it was taken again. */
  take(sitting: Sitting, capture: number, buffer: number): Promise<Result<number, FingerFailure>>;
  /** Waits until the glass is empty. */
  lift(sitting: Sitting, capture: number): Promise<Result<null, FingerFailure>>;
};

const cancelled = err<FingerFailure>({ code: 'cancelled', detail: 'given up' });

/** The captures of one module; each step is told, with what is wrong where one has to be repeated. */
export const createCaptures = (
  module: FingerModule,
  env: DriverEnv,
  deviceId: string,
  sink: DriverSink,
): Captures => {
  const wait = (): Promise<void> =>
    new Promise((resolve) => void env.timers.set(resolve, LOOK_EVERY_MS));

  const tell = (
    { captures }: Sitting,
    step: FingerEvent['step'],
    capture: number,
    problem?: CaptureProblem,
  ): void =>
    sink({
      type: 'finger',
      deviceId,
      at: momentOf(env),
      step,
      capture,
      captures,
      ...(problem === undefined ? {} : { problem }),
    });

  const lift: Captures['lift'] = async (sitting, capture) => {
    const untilMs = env.clock.monoMs() + LIFT_LIMIT_MS;
    let isTold = false;
    for (;;) {
      if (sitting.isCancelled()) return cancelled;
      const seen = await module.takeImage();
      if (!seen.ok) return seen;
      if (seen.value === 'no-finger') return ok(null);
      if (env.clock.monoMs() >= untilMs)
        return err({ code: 'poor-quality', detail: 'the finger stays on the glass' });
      if (!isTold) tell(sitting, 'lift', capture);
      isTold = true;
      await wait();
    }
  };

  return {
    lift,
    async take(sitting, capture, buffer) {
      let retakes = 0;
      tell(sitting, 'place', capture);
      for (;;) {
        if (sitting.isCancelled()) return cancelled;
        const seen = await module.takeImage();
        if (!seen.ok) return seen;
        let code = seen.value;
        if (code === 'no-finger') {
          if (env.clock.monoMs() >= sitting.untilMs)
            return err({ code: 'no-finger', detail: 'nobody placed a finger in time' });
          await wait();
          continue;
        }
        if (code === 'ok') {
          const made = await module.imageToTemplate(buffer);
          if (!made.ok) return made;
          code = made.value;
          if (code === 'ok') {
            tell(sitting, 'seen', capture);
            return ok(retakes);
          }
        }
        const problem = problems[code];
        const ending = endings[code] ?? 'unknown-code';
        if (problem === undefined)
          return err({ code: ending, detail: `a capture ended with ${code}` });
        if (retakes >= MAX_RETAKES)
          return err({
            code: 'poor-quality',
            detail: `${MAX_RETAKES + 1} captures were bad; the last: ${code}`,
          });
        retakes += 1;
        tell(sitting, 'again', capture, problem);
        const empty = await lift(sitting, capture);
        if (!empty.ok) return empty;
        tell(sitting, 'place', capture);
      }
    },
  };
};
