import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { assert } from '../contract/index.ts';
import type { LedgerCrypto, SealedContent } from '../domain/ledger/ledger-crypto.ts';

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const SALT_BYTES = 32;

/**
 * The ledger's cryptography on node:crypto.
 * @param random cryptographically strong bytes; a nonce must never repeat under one key
 */
export function createLedgerCrypto(random: (bytes: number) => Uint8Array): LedgerCrypto {
  return {
    hash(parts) {
      const hash = createHash('sha256');
      for (const part of parts) hash.update(part);
      return hash.digest('hex');
    },
    seal(content, key, context) {
      assert(key.length === KEY_BYTES, 'a subject key has 32 bytes');
      assert(content.salt.length === SALT_BYTES, 'a salt has 32 bytes');
      const nonce = random(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(context, 'utf8'));
      const body = [
        cipher.update(content.salt),
        cipher.update(content.body, 'utf8'),
        cipher.final(),
      ];
      return new Uint8Array(Buffer.concat([nonce, ...body, cipher.getAuthTag()]));
    },
    open: (box, key, context) => openBox(Buffer.from(box), key, context),
  };
}

function openBox(box: Buffer, key: Uint8Array, context: string): SealedContent | undefined {
  if (box.length < NONCE_BYTES + SALT_BYTES + TAG_BYTES) return undefined;
  const tagAt = box.length - TAG_BYTES;
  const decipher = createDecipheriv(CIPHER, key, box.subarray(0, NONCE_BYTES))
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
