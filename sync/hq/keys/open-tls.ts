import { createPrivateKey, X509Certificate } from 'node:crypto';
import { ok, type Result } from '../../../agent/contract/index.ts';
import {
  type CertifiedKey,
  coversHosts,
  createAuthority,
  defaultValidity,
  issueServerCertificate,
} from './certificate.ts';
import type { KeysError } from './keys-error.ts';
import { openKeysFolder } from './keys-folder.ts';
import type { HqTls } from './tls.ts';

/** A generated server certificate is made anew when it has less than this left, in milliseconds. */
export const RENEW_BEFORE_MS = 365 * 24 * 60 * 60_000;
const AUTHORITY_FILE = 'authority.pem';
const SERVER_FILE = 'server.pem';
const NOTHING = new Uint8Array();

export interface OwnTlsOptions {
  /** The keys folder. */
  readonly folder: string;
  /** Host names and addresses under which tills reach HQ. */
  readonly hosts: readonly string[];
  readonly nowMs: number;
  readonly random: (bytes: number) => Uint8Array;
}

/**
 * The certificate of an authority of HQ's own and a server certificate by it for `hosts`, made where they are missing.
 * The server certificate is made anew when the hosts change or it nears its end; tills pin the authority and notice
 * nothing.
 */
export async function openOwnTls(options: OwnTlsOptions): Promise<Result<HqTls, KeysError>> {
  const { folder, hosts, nowMs, random } = options;
  const opened = openKeysFolder(folder, random);
  if (!opened.ok) return opened;
  const { has, keep, replace } = opened.value;
  const validity = defaultValidity(nowMs);
  // Keys are made before `keep` decides whether they are wanted: making them takes turns of the event loop.
  const newAuthority = has(AUTHORITY_FILE)
    ? NOTHING
    : joinPem(await createAuthority(validity, random));
  const authority = keep(AUTHORITY_FILE, () => newAuthority, splitPem);
  if (!authority.ok) return authority;

  const issue = async (): Promise<Uint8Array> =>
    joinPem(await issueServerCertificate(authority.value, hosts, validity, random));
  const newServer = has(SERVER_FILE) ? NOTHING : await issue();
  const kept = keep(SERVER_FILE, () => newServer, splitPem);
  if (!kept.ok) return kept;
  if (isFit(kept.value, authority.value, hosts, nowMs))
    return ok(tlsOf(kept.value, authority.value));
  const renewed = await issue();
  const replaced = replace(SERVER_FILE, renewed);
  if (!replaced.ok) return replaced;
  // What was issued here is shown here, whatever another process with other host names writes next.
  return ok(tlsOf(splitPem(Buffer.from(renewed)), authority.value));
}

/** The certificate of the authority in the keys folder, as PEM; `undefined` where HQ has made none. */
export function readAuthority(
  folder: string,
  random: (bytes: number) => Uint8Array,
): Result<string | undefined, KeysError> {
  const opened = openKeysFolder(folder, random);
  if (!opened.ok) return opened;
  if (!opened.value.has(AUTHORITY_FILE)) return ok(undefined);
  const authority = opened.value.keep(AUTHORITY_FILE, () => NOTHING, splitPem);
  return authority.ok ? ok(authority.value.cert) : authority;
}

function tlsOf(server: CertifiedKey, authority: CertifiedKey): HqTls {
  const endsAtMs = Date.parse(new X509Certificate(server.cert).validTo);
  return { ...server, ca: authority.cert, endsAtMs, source: 'generated' };
}

/** Whether a generated certificate can still be shown: by this authority, for these hosts, long enough. */
function isFit(
  server: CertifiedKey,
  authority: CertifiedKey,
  hosts: readonly string[],
  nowMs: number,
): boolean {
  const cert = new X509Certificate(server.cert);
  const issuer = new X509Certificate(authority.cert);
  // Nothing by this authority lasts longer than the authority itself.
  const lastsLongest = cert.validTo === issuer.validTo;
  return (
    cert.verify(issuer.publicKey) &&
    coversHosts(server.cert, hosts) &&
    (lastsLongest || Date.parse(cert.validTo) - nowMs > RENEW_BEFORE_MS)
  );
}

function joinPem({ cert, key }: CertifiedKey): Uint8Array {
  return Buffer.from(`${key.trim()}\n${cert.trim()}\n`);
}

/** Key and certificate lie in one file, so that they always belong together. */
function splitPem(bytes: Buffer): CertifiedKey {
  const [key, cert] =
    /(-----BEGIN PRIVATE KEY-----[\s\S]+-----END PRIVATE KEY-----)\s+(-----BEGIN CERT[\s\S]+-----)/
      .exec(bytes.toString('utf8'))
      ?.slice(1) ?? [];
  if (key === undefined || cert === undefined) throw new Error('no private key and certificate');
  if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)))
    throw new Error('the private key is not that of the certificate');
  return { key: `${key}\n`, cert: `${cert}\n` };
}
