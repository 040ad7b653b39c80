import { createPublicKey, type KeyObject } from 'node:crypto';

/** The public half of a key as registration and settings carry it: SPKI DER as base64. */
export function publicKeyText(key: KeyObject): string {
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).toString('base64');
}
