import type { PassAlg } from '../../agent/contract/credential.ts';
import { toBase64url, toHex } from '../../agent/domain/credential/bytes.ts';

/** A key that this phone made; its private half never leaves the browser. */
export interface PhoneKey {
  readonly alg: PassAlg;
  /** Raw key as base64url: Ed25519 as it is, P-256 as a compressed point. */
  readonly publicKey: string;
  /** First 8 bytes of SHA-256 over the raw key, as hex. */
  readonly keyId: string;
  readonly privateKey: CryptoKey;
}

const P256: EcKeyGenParams = { name: 'ECDSA', namedCurve: 'P-256' };
const COORDINATE_BYTES = 32;

/** Makes a key: Ed25519 where the browser has it, else P-256. It cannot be exported. */
export async function makePhoneKey(subtle: SubtleCrypto): Promise<PhoneKey> {
  const { alg, pair } = await makePair(subtle);
  const exported = new Uint8Array(await subtle.exportKey('raw', pair.publicKey));
  const raw = alg === 'ed25519' ? exported : compressed(exported);
  const hash = new Uint8Array(await subtle.digest('SHA-256', raw));
  return {
    alg,
    publicKey: toBase64url(raw),
    keyId: toHex(hash.subarray(0, 8)),
    privateKey: pair.privateKey,
  };
}

/** 64 bytes: Ed25519 as it is, ECDSA as r and s. */
export async function signWith(
  subtle: SubtleCrypto,
  { alg, privateKey }: Pick<PhoneKey, 'alg' | 'privateKey'>,
  message: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const how = alg === 'ed25519' ? { name: 'Ed25519' } : { name: 'ECDSA', hash: 'SHA-256' };
  return new Uint8Array(await subtle.sign(how, privateKey, message));
}

async function makePair(subtle: SubtleCrypto): Promise<{ alg: PassAlg; pair: CryptoKeyPair }> {
  try {
    const pair = await subtle.generateKey({ name: 'Ed25519' }, false, ['sign', 'verify']);
    return { alg: 'ed25519', pair: pair as CryptoKeyPair };
  } catch {
    // A browser without Ed25519 says NotSupportedError or throws what it likes; every one has P-256.
    return { alg: 'p256', pair: await subtle.generateKey(P256, false, ['sign', 'verify']) };
  }
}

/** SEC 1 section 2.3.3: 0x02 or 0x03 by whether y is even, and x. @param point 0x04, x and y */
function compressed(point: Uint8Array): Uint8Array<ArrayBuffer> {
  const short = new Uint8Array(1 + COORDINATE_BYTES);
  short[0] = 2 + ((point.at(-1) ?? 0) & 1);
  short.set(point.subarray(1, 1 + COORDINATE_BYTES), 1);
  return short;
}
