import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { VoucherCrypto } from '../domain/vouchers/voucher-crypto.ts';

/** Keys kept ready; a chain has few partners, each with few keys. */
export const VOUCHER_KEYS_MAX = 200;

/** The vouchers' cryptography on node:crypto. */
export function createVoucherCrypto(): VoucherCrypto {
  const keys = new Map<string, KeyObject | null>();

  function keyOf(publicKey: string): KeyObject | null {
    const known = keys.get(publicKey);
    if (known !== undefined) return known;
    if (keys.size >= VOUCHER_KEYS_MAX) keys.clear();
    const key = readKey(publicKey);
    keys.set(publicKey, key);
    return key;
  }

  return {
    verify(signed, signature, publicKey) {
      const key = keyOf(publicKey);
      return (
        key !== null &&
        verify(null, Buffer.from(signed, 'utf8'), key, Buffer.from(signature, 'base64url'))
      );
    },
  };
}

function readKey(publicKey: string): KeyObject | null {
  try {
    return createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
  } catch {
    // Bytes that are no key sign nothing, which is the answer.
    return null;
  }
}
