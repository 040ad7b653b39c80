import { err, type Result } from '../../../agent/contract/result.ts';
import { type CallFailure, retryAfterOf, unreachableBy } from '../call-failure.ts';
import type { StorageFailure } from '../storage-failure.ts';

/** Why a check did not come to its end. */
export type CheckFailure =
  | { readonly code: 'call'; readonly failure: CallFailure }
  | StorageFailure
  /** The till has no place in the feed, or digests are being made. */
  | { readonly code: 'not-ready' }
  /** Rows that differ changed each time before they could be put right. */
  | { readonly code: 'unsettled' }
  /** The program ends, or the way to headquarters is gone. */
  | { readonly code: 'cancelled' };

/** A failed call of headquarters as the failure of a check. */
export function callFailed(failure: CallFailure): CheckFailure {
  return failure.code === 'cancelled' ? { code: 'cancelled' } : { code: 'call', failure };
}

/** An answer of headquarters that does not fit the question. */
export function wrongAnswer(what: string): Result<never, CheckFailure> {
  const message = `the answer to ${what} does not fit the question`;
  return err({ code: 'call', failure: unreachableBy('wrong-answer', message) });
}

/** The code for a record: at most 64 characters, no words of others. */
export function failureCode(failure: CheckFailure): string {
  switch (failure.code) {
    case 'call':
      return failure.failure.code === 'refused'
        ? failure.failure.refusal
        : failure.failure.code === 'unreachable'
          ? failure.failure.reason
          : 'cancelled';
    case 'storage':
      return `storage-${failure.detail}`.slice(0, 64);
    case 'not-ready':
    case 'unsettled':
    case 'cancelled':
      return failure.code;
  }
}

/** How long headquarters asked to wait, in milliseconds. */
export function askedToWaitMs(failure: CheckFailure): number | null {
  return failure.code === 'call' ? retryAfterOf(failure.failure) : null;
}

/** Whether headquarters does not know full-volume checks at all. */
export function isUnknownThere(failure: CheckFailure): boolean {
  return (
    failure.code === 'call' &&
    failure.failure.code === 'refused' &&
    failure.failure.refusal === 'not-found'
  );
}
