import pRetry from 'p-retry';
import { err, type Result } from '../../agent/contract/result.ts';
import { backoffMs, chanceOf } from './backoff.ts';
import { type CallFailure, retryAfterOf } from './call-failure.ts';
import type { Pause } from './pause.ts';

export interface RetryOptions {
  /** Attempts after the first one; infinite = until it works, is cancelled, or `again` says no. */
  readonly retries: number;
  readonly random: (bytes: number) => Uint8Array;
  readonly pause: Pause;
  readonly signal: AbortSignal;
  /** Whether another attempt makes sense after this failure; absent = for whatever may pass by itself. */
  readonly again?: (failure: CallFailure) => boolean;
  /** Called before each wait with the number of failures in a row. */
  readonly onWait?: (failure: CallFailure, failures: number, delayMs: number) => void;
}

/** Carries a failure through p-retry, which speaks in thrown errors. */
class Failed extends Error {
  readonly failure: CallFailure;
  constructor(failure: CallFailure) {
    super(failure.code);
    this.failure = failure;
  }
}

/** Failures that time may heal: nobody answered, or headquarters is busy or broken. */
export function mayPass(failure: CallFailure): boolean {
  if (failure.code === 'unreachable') return true;
  return failure.code === 'refused' && ['busy', 'internal'].includes(failure.refusal);
}

/**
 * Tries again with growing, scattered waits; `Retry-After` is kept. A wake of the pause tries at once.
 * @returns the success, or the failure that ended it; `cancelled` where `signal` aborted
 */
export async function withRetries<Value>(
  run: (attempt: number) => Promise<Result<Value, CallFailure>>,
  { retries, random, pause, signal, again = mayPass, onWait }: RetryOptions,
): Promise<Result<Value, CallFailure>> {
  try {
    return await pRetry(
      async (attempt) => {
        const result = await run(attempt);
        if (result.ok || !again(result.error)) return result;
        throw new Failed(result.error);
      },
      {
        retries,
        signal,
        // The waits are ours: they can be cut short and run on the clock that was handed in.
        minTimeout: 0,
        async onFailedAttempt({ error, attemptNumber, retriesLeft }) {
          if (!(error instanceof Failed) || retriesLeft <= 0) return;
          const delayMs = backoffMs(attemptNumber, retryAfterOf(error.failure), chanceOf(random));
          onWait?.(error.failure, attemptNumber, delayMs);
          await pause.wait(delayMs, signal);
        },
      },
    );
  } catch (error) {
    if (error instanceof Failed) return err(error.failure);
    if (signal.aborted) return err({ code: 'cancelled' });
    throw error;
  }
}
