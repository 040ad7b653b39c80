import { describe, expect, test } from 'vitest';
import { judgeCertificateTime } from '../../../sync/client/certificate-time.ts';
import { classifyError } from '../../../sync/client/classify-error.ts';

describe('a certificate that does not fit the clock', () => {
  const times = { fromMs: 1_000, toMs: 2_000 };
  test.each([
    ['not yet valid: nobody makes certificates for the future', times, 500, null, 'clock-wrong'],
    ['over, and headquarters was not heard', times, 3_000, null, 'certificate-expired'],
    ['over, and headquarters’ time agrees', times, 3_000, 2_500, 'certificate-expired'],
    ['over by this clock, good by headquarters’', times, 3_000, 1_500, 'clock-wrong'],
    ['unreadable', null, 3_000, 1_500, 'certificate-expired'],
  ] as const)('%s', (_, shown, nowMs, hqNowMs, expected) => {
    expect(judgeCertificateTime(shown, nowMs, hqNowMs)).toBe(expected);
  });
});

describe('an error of the line', () => {
  const failed = (code: string) => Object.assign(new Error(code), { code });
  test.each([
    ['ECONNREFUSED', 'network', false],
    ['ENOTFOUND', 'network', false],
    ['ECONNRESET', 'network', true],
    ['EPIPE', 'network', true],
    ['ETIMEDOUT', 'timed-out', true],
    ['CONNECT_TIMEOUT', 'timed-out', false],
    ['CERT_HAS_EXPIRED', 'certificate-time', false],
    ['CERT_NOT_YET_VALID', 'certificate-time', false],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'certificate-untrusted', false],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'certificate-untrusted', false],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'captive-portal', false],
    ['EPROTO', 'certificate-untrusted', false],
    ['HPE_INVALID_CONSTANT', 'wrong-answer', true],
    ['WHATEVER', 'network', true],
  ])('%s is %s', (code, reason, mayHaveArrived) => {
    expect(classifyError(failed(code))).toEqual({ reason, mayHaveArrived });
    const wrapped = new Error('axios', { cause: failed(code) });
    expect(classifyError(Object.assign(wrapped, { code: 'ERR_NETWORK' })).reason).toBe(reason);
  });
});
