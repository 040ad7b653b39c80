import { argon2id, argon2Verify } from 'hash-wasm';
import type { PinHasher } from './deps.ts';

/** Second choice of OWASP's password storage cheat sheet: 19 MiB, two passes, one lane; about 50 ms at a till. */
export const PIN_HASH_MEMORY_KIB = 19 * 1_024;
export const PIN_HASH_PASSES = 2;
const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** Hashes PINs with argon2id; `random` gives the salt. */
export function createPinHasher(random: (bytes: number) => Uint8Array): PinHasher {
  return {
    hash: (pin) =>
      argon2id({
        password: pin,
        salt: random(SALT_BYTES),
        parallelism: 1,
        iterations: PIN_HASH_PASSES,
        memorySize: PIN_HASH_MEMORY_KIB,
        hashLength: HASH_BYTES,
        outputType: 'encoded',
      }),
    verify: (pin, pinHash) => argon2Verify({ password: pin, hash: pinHash }),
  };
}
