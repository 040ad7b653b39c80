// The ASN.1 classes of the X.509 library register themselves through this.
import 'reflect-metadata';
import { KeyObject, webcrypto, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';

const DAY_MS = 24 * 60 * 60_000;
const YEAR_MS = 365 * DAY_MS;
/** Generated certificates begin so long ago: a till's clock may be a year behind. */
export const VALID_BEFORE_MS = 2 * YEAR_MS;
/** Generated certificates end so far ahead. */
export const VALID_AFTER_MS = 10 * YEAR_MS;

/** ECDSA on P-256: what every TLS stack speaks, in TLS 1.2 too. */
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const { KeyUsageFlags } = x509;

/** A certificate and its private key, both as PEM. */
export interface CertifiedKey {
  readonly cert: string;
  readonly key: string;
}

/** From when to when a certificate counts, in epoch milliseconds. */
export interface Validity {
  readonly fromMs: number;
  readonly toMs: number;
}

export function defaultValidity(nowMs: number): Validity {
  return { fromMs: nowMs - VALID_BEFORE_MS, toMs: nowMs + VALID_AFTER_MS };
}

/** Makes a certificate authority of one's own: it signs server certificates and nothing below them. */
export async function createAuthority(
  { fromMs, toMs }: Validity,
  random: (bytes: number) => Uint8Array,
): Promise<CertifiedKey> {
  const keys = await newKeys();
  const cert = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: serialNumber(random),
      name: `CN=Tillside HQ ${Buffer.from(random(4)).toString('hex')}`,
      notBefore: new Date(fromMs),
      notAfter: new Date(toMs),
      signingAlgorithm: ALGORITHM,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return { cert: cert.toString('pem'), key: privatePem(keys) };
}

/**
 * Makes a server certificate for host names and IP addresses. It never outlives its authority.
 * @param hosts at least one; IP addresses are told from names by their form
 */
export async function issueServerCertificate(
  authority: CertifiedKey,
  hosts: readonly string[],
  { fromMs, toMs }: Validity,
  random: (bytes: number) => Uint8Array,
): Promise<CertifiedKey> {
  const issuer = new x509.X509Certificate(authority.cert);
  const keys = await newKeys();
  const signingKey = await webcrypto.subtle.importKey(
    'pkcs8',
    x509.PemConverter.decodeFirst(authority.key),
    ALGORITHM,
    false,
    ['sign'],
  );
  const cert = await x509.X509CertificateGenerator.create(
    {
      serialNumber: serialNumber(random),
      subject: `CN=${(hosts[0] ?? 'localhost').slice(0, 64)}`,
      issuer: issuer.subject,
      notBefore: new Date(fromMs),
      notAfter: new Date(Math.min(toMs, issuer.notAfter.getTime())),
      signingAlgorithm: ALGORITHM,
      publicKey: keys.publicKey,
      signingKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(
          hosts.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value }) as const),
        ),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
        await x509.AuthorityKeyIdentifierExtension.create(issuer, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return { cert: cert.toString('pem'), key: privatePem(keys) };
}

/** Whether a certificate is good for every one of these host names and addresses. */
export function coversHosts(certPem: string, hosts: readonly string[]): boolean {
  const cert = new X509Certificate(certPem);
  return hosts.every((host) =>
    isIP(host) === 0 ? cert.checkHost(host) !== undefined : cert.checkIP(host) !== undefined,
  );
}

async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

function privatePem({ privateKey }: webcrypto.CryptoKeyPair): string {
  return KeyObject.from(privateKey).export({ format: 'pem', type: 'pkcs8' }).toString();
}

/** 127 random bits: positive, as RFC 5280 section 4.1.2.2 wants it. */
function serialNumber(random: (bytes: number) => Uint8Array): string {
  const bytes = Buffer.from(random(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}
