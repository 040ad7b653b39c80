import { HQ_ERRORS, type HqErrorCode } from '../protocol/hq-error.ts';
import type { OfflineReason, SyncStop } from './ports.ts';

/** Why a call of headquarters brought nothing. */
export type CallFailure =
  /** Headquarters itself said no. */
  | {
      readonly code: 'refused';
      readonly refusal: HqErrorCode;
      /** What the answer holds beside code and sentences, such as `expectedSeq`. */
      readonly detail: Readonly<Record<string, unknown>>;
      readonly retryAfterMs: number | null;
    }
  /** No answer of headquarters came. */
  | {
      readonly code: 'unreachable';
      readonly reason: OfflineReason;
      readonly message: string;
      readonly retryAfterMs: number | null;
      /** False where it is certain that headquarters did not get the request. */
      readonly mayHaveArrived: boolean;
    }
  /** Our own side ended the call. */
  | { readonly code: 'cancelled' };

/** An {@link CallFailure} of the kind `unreachable`. */
export function unreachableBy(
  reason: OfflineReason,
  message: string,
  { retryAfterMs = null as number | null, mayHaveArrived = true } = {},
): CallFailure {
  return { code: 'unreachable', reason, message, retryAfterMs, mayHaveArrived };
}

/** Headquarters lets this till in and would not understand what it sends: as if it had refused the protocol itself. */
export function hqTooOld(protocol: number): CallFailure {
  return {
    code: 'refused',
    refusal: 'protocol-unsupported',
    detail: { headquarters: protocol },
    retryAfterMs: null,
  };
}

/** What headquarters from before incarnations went on answers to a till that names former ones. */
export function knowsNoFormer(failure: CallFailure): boolean {
  return failure.code === 'refused' && failure.refusal === 'invalid-input';
}

const STOPS: ReadonlySet<string> = new Set<SyncStop>([
  'till-revoked',
  'till-copied',
  'till-unknown',
  'ledger-forked',
  'incarnation-unknown',
  'protocol-unsupported',
]);

/** The refusals after which a person has to act; `null` for any other failure. */
export function stopOf(failure: CallFailure): SyncStop | null {
  if (failure.code !== 'refused') return null;
  // HQ has another key for this till. Asking again with this one can never help.
  if (failure.refusal === 'unauthenticated' && failure.detail['field'] === 'signature')
    return 'till-replaced';
  return STOPS.has(failure.refusal) ? (failure.refusal as SyncStop) : null;
}

/** How a failed call counts where only the way to headquarters matters. */
export function offlineReasonOf(failure: CallFailure): OfflineReason {
  switch (failure.code) {
    case 'unreachable':
      return failure.reason;
    case 'refused':
      return HQ_ERRORS[failure.refusal].status >= 429 ? 'server-error' : 'wrong-answer';
    case 'cancelled':
      return 'starting';
  }
}

/** How long headquarters asked to wait, in milliseconds. */
export function retryAfterOf(failure: CallFailure): number | null {
  return failure.code === 'cancelled' ? null : failure.retryAfterMs;
}

/** One line for the log: codes only. */
export function failureText(failure: CallFailure): string {
  switch (failure.code) {
    case 'refused':
      return failure.refusal;
    case 'unreachable':
      return `${failure.reason}: ${failure.message}`;
    case 'cancelled':
      return 'cancelled';
  }
}
