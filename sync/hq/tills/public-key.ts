import { createPublicKey, type KeyObject } from 'node:crypto';

/** Reads an Ed25519 public key (SPKI DER as base64); `undefined` where the text is none. */
export function publicKeyOf(base64: string): KeyObject | undefined {
  try {
    const key = createPublicKey({
      key: Buffer.from(base64, 'base64'),
      format: 'der',
      type: 'spki',
    });
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    // Bytes that are no key at all come from outside: the caller answers that.
    return undefined;
  }
}
