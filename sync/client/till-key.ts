import { createPrivateKey, type KeyObject } from 'node:crypto';
import { assert } from '../../agent/contract/result.ts';

const SEED_BYTES = 32;
/** PKCS8 (RFC 8410) around an Ed25519 seed. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** A till's own Ed25519 key from 32 random bytes. */
export function makeTillKey(random: (bytes: number) => Uint8Array): KeyObject {
  const seed = random(SEED_BYTES);
  assert(seed.byteLength === SEED_BYTES, 'an Ed25519 seed has 32 bytes');
  const key = Buffer.concat([PKCS8_PREFIX, seed]);
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
}
