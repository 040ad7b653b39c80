import { createHash, createHmac, createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { PassAlg } from '../contract/index.ts';
import type { CredentialCrypto } from '../domain/credential/credential-crypto.ts';

/** Keys kept ready: importing one costs as much as checking a signature. A till at its busiest serves fewer in an hour. */
export const CREDENTIAL_KEYS_MAX = 1_000;

/** SubjectPublicKeyInfo before the raw key: Ed25519 (RFC 8410 section 4), P-256 with a compressed point (RFC 5480). */
const SPKI_PREFIX: Readonly<Record<PassAlg, Buffer>> = {
  ed25519: Buffer.from('302a300506032b6570032100', 'hex'),
  p256: Buffer.from('3039301306072a8648ce3d020106082a8648ce3d030107032200', 'hex'),
};

/**
 * The cryptography of credentials on node:crypto.
 * @param importKey a raw key; `null` where the bytes are none
 */
export function createCredentialCrypto(importKey = readKey): CredentialCrypto {
  const keys = new Map<string, KeyObject | null>();

  function keyOf(alg: PassAlg, publicKey: Uint8Array): KeyObject | null {
    const name = `${alg} ${Buffer.from(publicKey).toString('base64')}`;
    const known = keys.get(name);
    if (known !== undefined) return known;
    if (keys.size >= CREDENTIAL_KEYS_MAX) keys.clear();
    const key = importKey(alg, publicKey);
    keys.set(name, key);
    return key;
  }

  return {
    sha256: (bytes) => createHash('sha256').update(bytes).digest(),
    hmacSha1: (key, message) => createHmac('sha1', key).update(message).digest(),
    verify(alg, publicKey, message, signature) {
      const key = keyOf(alg, publicKey);
      if (key === null) return false;
      return alg === 'ed25519'
        ? verify(null, message, key, signature)
        : verify('sha256', message, { key, dsaEncoding: 'ieee-p1363' }, signature);
    },
  };
}

/** See {@link createCredentialCrypto}. */
export function readKey(alg: PassAlg, publicKey: Uint8Array): KeyObject | null {
  try {
    return createPublicKey({
      key: Buffer.concat([SPKI_PREFIX[alg], publicKey]),
      format: 'der',
      type: 'spki',
    });
  } catch {
    // Bytes that are no key, or no point of the curve, sign nothing, which is the answer.
    return null;
  }
}
