import { createDecipheriv, createHash } from 'node:crypto';
import { assert, type Result } from '../../../agent/contract/result.ts';
import type { SealedSale } from '../../../agent/domain/benefits/replay-sale.ts';
import {
  type LedgerCrypto,
  SALT_BYTES,
  type SealedContent,
} from '../../../agent/domain/ledger/ledger-crypto.ts';
import { type OpenBodyError, openBody } from '../../../agent/domain/ledger/sealed-body.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** The ledger's cryptography as HQ needs it, which opens bodies and seals none. */
const openingCrypto: LedgerCrypto = {
  hash(parts) {
    const hash = createHash('sha256');
    for (const part of parts) hash.update(part);
    return hash.digest('hex');
  },
  seal: () => assert(false, 'headquarters seals no bodies') as never,
  open: (box, key, context) => openBox(Buffer.from(box), key, context),
};

/**
 * What the entry of a sale sealed, proved against the commitment in the till's chain.
 * @param key the subject's key; absent = destroyed
 */
export function openSealedSale(
  entry: { readonly header: { entryId: string; commitment: string }; readonly sealed: Uint8Array },
  key: Uint8Array | undefined,
): Result<SealedSale, OpenBodyError> {
  return openBody(openingCrypto, entry, key) as Result<SealedSale, OpenBodyError>;
}

/** Nonce, AES-256-GCM over salt and body, tag: the form that `LedgerCrypto` states. */
function openBox(box: Buffer, key: Uint8Array, context: string): SealedContent | undefined {
  if (box.length < NONCE_BYTES + SALT_BYTES + TAG_BYTES) return undefined;
  const tagAt = box.length - TAG_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', key, box.subarray(0, NONCE_BYTES))
    .setAAD(Buffer.from(context, 'utf8'))
    .setAuthTag(box.subarray(tagAt));
  try {
    const plain = Buffer.concat([
      decipher.update(box.subarray(NONCE_BYTES, tagAt)),
      decipher.final(),
    ]);
    return {
      salt: new Uint8Array(plain.subarray(0, SALT_BYTES)),
      body: plain.toString('utf8', SALT_BYTES),
    };
  } catch {
    // GCM says only that key, context or box does not fit, which is the answer.
    return undefined;
  }
}
