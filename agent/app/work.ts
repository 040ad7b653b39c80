import { type EventBody, err, type Failure, failure, ok, type Result } from '../contract/index.ts';
import { isStorageError } from '../store/sqlite/storage-error.ts';
import type { Store } from '../store/store.ts';
import type { Log, Timers } from './deps.ts';
import type { EventBus } from './event-bus.ts';
import type { LiveEvent } from './till.ts';

/** Reports what happens, in the transaction of what it reports; readers see it after the commit. */
export type Emit = (body: EventBody, paymentText?: string) => void;

/** One transaction: what `run` wrote is on the disk when it answers, or nothing is and the failure says why. */
export type Work = <T>(run: (emit: Emit) => T) => Result<T, Failure>;

/** What nobody waits for is written so much later at most, in milliseconds. */
export const LATER_MS = 50;
/** Writes that wait; one more writes them all. */
export const LATER_MAX = 100;

export interface Writer {
  readonly work: Work;
  /**
   * Writes before the next {@link Work} or within {@link LATER_MS}, in order; a second write under a key that still
   * waits takes the place of the first. For what books nothing and is worked out again where it is lost.
   */
  later(key: string, run: (emit: Emit) => void): void;
  /** Writes what waits. */
  settle(): void;
}

export interface WriterParts {
  readonly store: Store;
  readonly bus: EventBus;
  readonly nowMs: () => number;
  readonly timers: Timers;
  readonly log: Log;
  /** See `TillDeps.onWritten`. */
  readonly onWritten?: (() => void) | undefined;
}

/** The unit of work over a store. Each transaction costs a flush of the disk, so what can wait rides along. */
export function createWriter(parts: WriterParts): Writer {
  const { store, bus, nowMs, timers, log } = parts;
  const waiting = new Map<string, (emit: Emit) => void>();
  let timer: unknown;

  const work: Work = (run) => {
    const staged: LiveEvent[] = [];
    const emit: Emit = (body, paymentText) => {
      const event = store.events.append(nowMs(), body);
      staged.push(paymentText === undefined ? { event } : { event, paymentText });
    };
    const done = storageSafe(() =>
      store.transaction(() => {
        for (const one of waiting.values()) one(emit);
        return run(emit);
      }),
    );
    if (!done.ok) return done;
    waiting.clear();
    bus.publish(staged);
    parts.onWritten?.();
    return done;
  };

  function settle(): void {
    timers.clear(timer);
    timer = undefined;
    if (waiting.size === 0) return;
    const done = work(() => undefined);
    if (done.ok) return;
    log('error', 'open sales could not be noted', { code: done.error.code });
    // On a full disk they must not pile up; the next evaluation of each writes it again.
    waiting.clear();
  }

  return {
    work,
    settle,
    later(key, run) {
      waiting.delete(key);
      waiting.set(key, run);
      if (waiting.size > LATER_MAX) settle();
      else timer ??= timers.set(LATER_MS, settle);
    },
  };
}

/** Turns a storage error into its failure; everything else is a broken invariant and goes on. */
export function storageSafe<T>(run: () => T): Result<T, Failure> {
  try {
    return ok(run());
  } catch (error) {
    if (isStorageError(error)) return err(failure(error.code));
    throw error;
  }
}
