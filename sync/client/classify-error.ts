import type { OfflineReason } from './ports.ts';

/** Our own code for a connection that was not made in time. */
export const CONNECT_TIMEOUT = 'CONNECT_TIMEOUT';

const TLS_UNTRUSTED: ReadonlySet<string> = new Set([
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'CERT_REJECTED',
  'CERT_REVOKED',
  'CERT_CHAIN_TOO_LONG',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
  'HOSTNAME_MISMATCH',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);
const TLS_TIME: ReadonlySet<string> = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);
const NEVER_SENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
]);
/** Errors of a kept-alive connection that the other side had closed in the meantime. */
const STALE: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE']);

/** What a failed connection means. `certificate-time` still has to be compared with the clock. */
export interface ErrorClass {
  readonly reason:
    | Exclude<OfflineReason, 'certificate-expired' | 'clock-wrong'>
    | 'certificate-time';
  /** False where the request certainly did not leave this machine. */
  readonly mayHaveArrived: boolean;
}

/** Sorts an error of a socket or of TLS by its code. */
export function classifyError(error: unknown): ErrorClass {
  const code = errorCode(error);
  if (TLS_TIME.has(code)) return { reason: 'certificate-time', mayHaveArrived: false };
  if (TLS_UNTRUSTED.has(code)) return { reason: 'certificate-untrusted', mayHaveArrived: false };
  // Something speaks there, and not TLS: a portal that catches every connection does this.
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG')
    return { reason: 'captive-portal', mayHaveArrived: false };
  if (code.startsWith('ERR_SSL_') || code === 'EPROTO')
    return { reason: 'certificate-untrusted', mayHaveArrived: false };
  if (code === CONNECT_TIMEOUT) return { reason: 'timed-out', mayHaveArrived: false };
  if (code === 'ETIMEDOUT') return { reason: 'timed-out', mayHaveArrived: true };
  if (code.startsWith('HPE_')) return { reason: 'wrong-answer', mayHaveArrived: true };
  return { reason: 'network', mayHaveArrived: !NEVER_SENT.has(code) };
}

/** Whether the error is that of a connection which had gone stale while it was kept. */
export function isStale(error: unknown): boolean {
  return STALE.has(errorCode(error));
}

/** The first code along the chain of causes; axios puts its own names where Node's stand one step further. */
export function errorCode(error: unknown): string {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    const { code } = at as { code?: unknown };
    if (typeof code === 'string' && !code.startsWith('ERR_BAD_') && code !== 'ERR_NETWORK')
      return code;
  }
  return '';
}
