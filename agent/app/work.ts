import { err, failure, ok, type EventBody, type Failure, type Result } from '../contract/index.ts';
import type { StorageError, Store } from '../store/store.ts';
import type { EventBus } from './event-bus.ts';
import type { LiveEvent } from './till.ts';

/** Reports what happens, in the transaction of what it reports; readers see it after the commit. */
export type Emit = (body: EventBody, paymentText?: string) => void;

/** One transaction: what `run` wrote is on the disk when it answers, or nothing is and the failure says why. */
export type Work = <T>(run: (emit: Emit) => T) => Result<T, Failure>;

/** The unit of work over a store. */
export function createWork(store: Store, bus: EventBus, nowMs: () => number): Work {
  return (run) => {
    const staged: LiveEvent[] = [];
    const emit: Emit = (body, paymentText) => {
      const event = store.events.append(nowMs(), body);
      staged.push(paymentText === undefined ? { event } : { event, paymentText });
    };
    const done = storageSafe(() => store.transaction(() => run(emit)));
    if (done.ok) bus.publish(staged);
    return done;
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

/** Whether the disk is what failed. */
export function isStorageError(error: unknown): error is StorageError {
  return error instanceof Error && error.name === 'StorageError';
}
