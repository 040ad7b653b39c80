import { X509Certificate } from 'node:crypto';
import type { Result } from '../../../agent/contract/result.ts';
import type { HqDeps } from '../deps.ts';
import type { KeysError } from './keys-error.ts';
import { RENEW_BEFORE_MS } from './open-tls.ts';
import type { HqTls } from './tls.ts';

/** The certificate that HQ shows, which is exchanged while it runs. */
export interface ShownTls {
  /** `null` = plain HTTP. */
  current(): HqTls | null;
  /** Looks whether another one has to be shown from here on. Connections that are open keep theirs. */
  renew(): Promise<void>;
}

export interface ShownTlsParts {
  readonly first: HqTls | null;
  /** Opens the keys folder or the given files again. */
  readonly open: () => Promise<Result<{ readonly tls: HqTls | null }, KeysError>>;
  readonly show: (tls: HqTls) => void;
  readonly deps: Pick<HqDeps, 'log' | 'nowMs'>;
}

/**
 * Keeps the certificate fresh in an HQ that runs for years: a generated one is made anew when it nears its end, given
 * files are read again, since whoever renews them only writes them. What tills would refuse is not shown: files that do
 * not fit, and an authority that they did not pin.
 */
export function createShownTls({ first, open, show, deps }: ShownTlsParts): ShownTls {
  const { log, nowMs } = deps;
  let shown = first;

  /** A generated one is left alone until then: another HQ process may keep one with other host names in the folder. */
  function mayChange({ source, endsAtMs }: HqTls): boolean {
    return source === 'given' || endsAtMs - nowMs() <= RENEW_BEFORE_MS;
  }

  return {
    current: () => shown,
    async renew() {
      if (shown === null || !mayChange(shown)) return;
      const opened = await open();
      if (!opened.ok) {
        const { code, detail } = opened.error;
        log('error', 'the certificate cannot be renewed; the one before is shown', {
          code,
          detail,
        });
        return;
      }
      const { tls } = opened.value;
      if (tls === null || tls.cert === shown.cert) return;
      if (fingerprintOf(tls.ca) !== fingerprintOf(shown.ca)) {
        log('error', 'the certificate is of another authority than tills pinned and is not shown');
        return;
      }
      show(tls);
      shown = tls;
      log('info', 'a renewed certificate is shown', {
        endsAt: new Date(tls.endsAtMs).toISOString(),
      });
    },
  };
}

/** Of the certificate itself: how its file breaks lines or ends says nothing of the authority. */
function fingerprintOf(pem: string): string {
  return new X509Certificate(pem).fingerprint256;
}
