import { createHash, createPublicKey, ECDH, type KeyObject, verify } from 'node:crypto';
import { PASS_KEY_BYTES, type PassAlg } from '../../../agent/contract/credential.ts';

/** Bytes of one coordinate of P-256. */
const COORDINATE_BYTES = 32;

/** A public key of a pass, as a phone sent it. */
export interface PassPublicKey {
  /** First 8 bytes of SHA-256 over the raw key, as hex. */
  readonly keyId: string;
  readonly raw: Buffer;
  readonly key: KeyObject;
}

/**
 * Reads a raw public key: Ed25519 as it is, P-256 as a compressed point (SEC 1 section 2.3.3); nothing where it is none, a
 * point that is not on the curve included.
 */
export function readPassKey(alg: PassAlg, publicKey: string): PassPublicKey | undefined {
  const raw = Buffer.from(publicKey, 'base64url');
  if (raw.length !== PASS_KEY_BYTES[alg] || raw.toString('base64url') !== publicKey)
    return undefined;
  try {
    const key = createPublicKey({
      key: alg === 'p256' ? p256Jwk(raw) : ed25519Jwk(raw),
      format: 'jwk',
    });
    const keyId = createHash('sha256').update(raw).digest().subarray(0, 8).toString('hex');
    return { keyId, raw, key };
  } catch {
    // OpenSSL throws for what is no point of the curve: that is what is asked here.
    return undefined;
  }
}

/** Whether a signature of 64 bytes (base64url) is the key's own; ECDSA as r and s (IEEE P1363). */
export function passSignatureFits(
  alg: PassAlg,
  { key }: Pick<PassPublicKey, 'key'>,
  message: Uint8Array,
  signature: string,
): boolean {
  const bytes = Buffer.from(signature, 'base64url');
  return alg === 'p256'
    ? verify('sha256', message, { key, dsaEncoding: 'ieee-p1363' }, bytes)
    : verify(null, message, key, bytes);
}

function ed25519Jwk(raw: Buffer) {
  return { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') };
}

function p256Jwk(compressed: Buffer) {
  const point = ECDH.convertKey(compressed, 'prime256v1', undefined, undefined, 'uncompressed');
  const bytes = Buffer.from(point as Uint8Array);
  const x = bytes.subarray(1, 1 + COORDINATE_BYTES);
  const y = bytes.subarray(1 + COORDINATE_BYTES);
  return { kty: 'EC', crv: 'P-256', x: x.toString('base64url'), y: y.toString('base64url') };
}
