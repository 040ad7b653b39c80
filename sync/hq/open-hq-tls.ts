import { isIP } from 'node:net';
import { ok, type Result } from '../../agent/contract/result.ts';
import { type GivenTlsFiles, readGivenTls, readProxyCa } from './keys/given-tls.ts';
import type { KeysError } from './keys/keys-error.ts';
import { openOwnTls } from './keys/open-tls.ts';
import type { HqTls } from './keys/tls.ts';

/** By which names and with which certificate HQ is reached. */
export interface TlsOptions {
  readonly keysFolder: string;
  /** Address to listen at. */
  readonly host: string;
  /** Host names and addresses in the generated certificate, beside those of this machine that are known. */
  readonly hosts?: readonly string[];
  /**
   * `http` = none, on loopback only; `proxyCa` = the same behind a proxy with TLS, whose authority is in that file. A given
   * certificate as files, or ready (for tests of bad ones).
   */
  readonly tls?:
    | 'generated'
    | 'http'
    | { readonly proxyCa: string }
    | GivenTlsFiles
    | { readonly ready: HqTls };
  /** Where tills find HQ, if not at the address that it listens at: behind a proxy or another name. */
  readonly url?: string | undefined;
  readonly nowMs: () => number;
  readonly random: (bytes: number) => Uint8Array;
}

/** What HQ's own server shows, and the authority that tills pin. */
export interface Secured {
  readonly tls: HqTls | null;
  readonly ca: string | null;
}

/** Reads or makes what the options ask for; may be called again to see what has changed since. */
export async function openTls(options: TlsOptions): Promise<Result<Secured, KeysError>> {
  const { tls = 'generated', keysFolder: folder, random } = options;
  const nowMs = options.nowMs();
  if (tls === 'http') return ok({ tls: null, ca: null });
  if (tls !== 'generated' && 'proxyCa' in tls) {
    const ca = readProxyCa(tls.proxyCa);
    return ca.ok ? ok({ tls: null, ca: ca.value }) : ca;
  }
  const shown =
    tls === 'generated'
      ? await openOwnTls({ folder, hosts: hostsOf(options), nowMs, random })
      : 'ready' in tls
        ? ok(tls.ready)
        : readGivenTls(tls, { nowMs, host: calledBy(options) });
  return shown.ok ? ok({ tls: shown.value, ca: shown.value.ca }) : shown;
}

/** Names for the certificate: those given, the address listened at, and this machine's loopback. */
function hostsOf({ host, hosts = [], url }: TlsOptions): string[] {
  const named = url === undefined ? [] : [hostOf(url)];
  const any = host === '0.0.0.0' || host === '::';
  return [...new Set([...hosts, ...named, ...(any ? [] : [host]), 'localhost', '127.0.0.1'])];
}

function hostOf(url: string): string {
  return new URL(url).hostname.replaceAll(/[[\]]/g, '');
}

/** The host name or address in tickets. */
function calledBy(options: TlsOptions): string {
  return hostOf(options.url ?? `https://${nameOf(options)}`);
}

/** What tills call HQ by: the first name given, else the address listened at. */
export function nameOf({ host, hosts }: TlsOptions): string {
  const name = hosts?.[0] ?? (host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host);
  return isIP(name) === 6 ? `[${name}]` : name;
}

/** A generated certificate is good for the loopback address, and for the one listened at. */
export function localName({ host }: TlsOptions): string {
  if (isIP(host) === 6 && host !== '::') return `[${host}]`;
  return host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
}
