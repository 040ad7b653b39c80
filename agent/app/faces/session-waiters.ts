import { FACE_POLL_MS, FACE_WAITERS_MAX } from '../../contract/index.ts';
import type { Timers } from '../deps.ts';

/** Questions that wait until something changes. */
export interface Waiters {
  readonly count: number;
  /** Resolves at the next change, after {@link FACE_POLL_MS}, on abort, and at once where too many wait. */
  wait(signal: AbortSignal | undefined): Promise<void>;
  /** Something changed. */
  wake(): void;
}

export function createWaiters(timers: Timers): Waiters {
  const waiting = new Set<() => void>();
  return {
    get count() {
      return waiting.size;
    },
    wait(signal) {
      if (waiting.size >= FACE_WAITERS_MAX || signal?.aborted === true) return Promise.resolve();
      return new Promise((resolve) => {
        const timer = timers.set(FACE_POLL_MS, () => done());
        const done = (): void => {
          waiting.delete(done);
          timers.clear(timer);
          signal?.removeEventListener('abort', done);
          resolve();
        };
        waiting.add(done);
        signal?.addEventListener('abort', done, { once: true });
      });
    },
    wake() {
      for (const done of [...waiting]) done();
    },
  };
}
