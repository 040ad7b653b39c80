import type { VoucherCrypto } from '../domain/vouchers/voucher-crypto.ts';

/** Signatures remembered; the one asked for the longest ago gives way. */
export const SIGNATURES_REMEMBERED_MAX = 1_000;

/**
 * Verifies each signature once: a basket is evaluated again with every article, its vouchers each time with it. What is
 * remembered is a digest, from which nobody can make a voucher's text.
 * @param hash SHA-256 as hex
 */
export function rememberSignatures(
  crypto: VoucherCrypto,
  hash: (data: string) => string,
): VoucherCrypto {
  const known = new Map<string, boolean>();
  return {
    verify(signed, signature, publicKey) {
      const name = hash(JSON.stringify([signed, signature, publicKey]));
      const fits = known.get(name) ?? crypto.verify(signed, signature, publicKey);
      known.delete(name);
      known.set(name, fits);
      const [oldest] = known.keys();
      if (known.size > SIGNATURES_REMEMBERED_MAX && oldest !== undefined) known.delete(oldest);
      return fits;
    },
  };
}
