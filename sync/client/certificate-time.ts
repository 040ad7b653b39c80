import { isIP } from 'node:net';
import { connect } from 'node:tls';
import type { SyncTimers } from './deps.ts';

/** How long the look at a certificate may take, in milliseconds. */
export const CERTIFICATE_LOOK_MS = 5_000;

export interface CertificateTimes {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Whether a certificate that does not fit the clock has run out, or the clock is the one that is wrong. A certificate is
 * never made for the future, so one that is "not yet valid" means a clock that is behind; one that had not run out by
 * the time that headquarters last told means a clock that is ahead.
 * @param times of the certificate; `null` = could not be read
 * @param hqNowMs time at headquarters as far as this run has heard; `null` = not heard
 */
export function judgeCertificateTime(
  times: CertificateTimes | null,
  nowMs: number,
  hqNowMs: number | null,
): 'certificate-expired' | 'clock-wrong' {
  if (times === null) return 'certificate-expired';
  if (nowMs < times.fromMs) return 'clock-wrong';
  const validAtHq = hqNowMs !== null && hqNowMs >= times.fromMs && hqNowMs <= times.toMs;
  return validAtHq ? 'clock-wrong' : 'certificate-expired';
}

/**
 * Reads from when to when the certificate is valid that `url` shows. Nothing is sent over this connection and nothing is
 * believed of it: the answer only explains to a person why the real one was refused.
 */
export function readCertificateTimes(
  url: URL,
  timers: SyncTimers,
): Promise<CertificateTimes | null> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve) => {
    const socket = connect({
      host,
      port: url.port === '' ? 443 : Number(url.port),
      servername: isIP(host) === 0 ? host : '',
      rejectUnauthorized: false,
    });
    const timer = timers.set(CERTIFICATE_LOOK_MS, () => end(null));
    function end(times: CertificateTimes | null): void {
      timers.clear(timer);
      socket.destroy();
      resolve(times);
    }
    socket.once('error', () => end(null));
    socket.once('secureConnect', () => {
      const shown = socket.getPeerX509Certificate();
      end(
        shown === undefined
          ? null
          : { fromMs: shown.validFromDate.getTime(), toMs: shown.validToDate.getTime() },
      );
    });
  });
}
