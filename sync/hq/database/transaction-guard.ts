import { AsyncLocalStorage } from 'node:async_hooks';
import { assert } from '../../../agent/contract/result.ts';

interface Running {
  open: boolean;
}

/** Notices a statement that leaves its transaction. */
export interface TransactionGuard {
  /** Runs the work of one transaction. */
  inside<T>(work: () => Promise<T>): Promise<T>;
  /** Throws when called from the work of a running transaction. */
  outside(): void;
}

/**
 * Inside a transaction everything goes through its own session. A statement sent to the database beside it would not be
 * part of it, and would wait for ever on PGlite, whose one connection is taken: a mistake that must not pass on the
 * other engine either.
 */
export function createTransactionGuard(): TransactionGuard {
  const storage = new AsyncLocalStorage<Running>();
  return {
    async inside(work) {
      const running: Running = { open: true };
      try {
        return await storage.run(running, work);
      } finally {
        running.open = false;
      }
    },
    outside: () =>
      assert(
        storage.getStore()?.open !== true,
        'inside a transaction, use its session and not the database',
      ),
  };
}
