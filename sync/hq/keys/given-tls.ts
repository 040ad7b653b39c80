import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ok, type Result } from '../../../agent/contract/index.ts';
import { coversHosts } from './certificate.ts';
import { type KeysError, keysError } from './keys-error.ts';
import type { HqTls } from './tls.ts';

/** Files of a certificate that the chain already has. */
export interface GivenTlsFiles {
  /** Server certificate as PEM, intermediate ones after it. */
  readonly cert: string;
  readonly key: string;
  /** Certificate of the authority that tills pin. */
  readonly ca: string;
}

const CERTIFICATES = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/**
 * Reads a given certificate and sees that key, certificate and authority belong together. What every till
 * would refuse is refused at the start already.
 * @param host the name or address in tickets
 */
export function readGivenTls(
  files: GivenTlsFiles,
  { nowMs, host }: { readonly nowMs: number; readonly host: string },
): Result<HqTls, KeysError> {
  let cert: string;
  let key: string;
  let ca: string;
  let chain: X509Certificate[];
  let authority: X509Certificate;
  let path = files.cert;
  try {
    cert = readFileSync(path, 'utf8');
    chain = (cert.match(CERTIFICATES) ?? ['']).map((pem) => new X509Certificate(pem));
    path = files.ca;
    ca = readFileSync(path, 'utf8');
    authority = new X509Certificate(ca);
    path = files.key;
    key = readFileSync(path, 'utf8');
    if (chain[0]?.checkPrivateKey(createPrivateKey(key)) !== true)
      return keysError('certificate-key-differs', files.key);
  } catch (cause) {
    return keysError('certificate-unreadable', path, cause);
  }
  if (!signedInTurn([...chain, authority]))
    return keysError('certificate-not-by-authority', files.cert);
  for (const one of [...chain, authority]) {
    const dates = `${files.cert}: ${one.validFrom} - ${one.validTo}`;
    if (Date.parse(one.validTo) <= nowMs) return keysError('certificate-expired', dates);
    if (Date.parse(one.validFrom) > nowMs) return keysError('certificate-not-yet-valid', dates);
  }
  if (!coversHosts(cert, [host]))
    return keysError('certificate-other-host', `${files.cert}: ${host}`);
  return ok({
    cert,
    key,
    ca,
    endsAtMs: Math.min(...chain.map(({ validTo }) => Date.parse(validTo))),
    source: 'given',
  });
}

/** Reads the certificate of the authority behind a proxy's TLS, which tills pin, as PEM. */
export function readProxyCa(path: string): Result<string, KeysError> {
  try {
    const ca = readFileSync(path, 'utf8');
    // Throws where it is none.
    void new X509Certificate(ca);
    return ok(ca);
  } catch (cause) {
    return keysError('certificate-unreadable', path, cause);
  }
}

/** Whether each certificate is signed by the next one; a chain that already ends with the authority counts too. */
function signedInTurn(chain: readonly X509Certificate[]): boolean {
  return chain.every((one, index) => {
    const next = chain[index + 1];
    return (
      next === undefined ||
      one.fingerprint256 === next.fingerprint256 ||
      (one.checkIssued(next) && one.verify(next.publicKey))
    );
  });
}
