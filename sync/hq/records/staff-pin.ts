import { argon2id, argon2Verify } from 'hash-wasm';

/** As at the till, which checks these hashes: second choice of OWASP's password storage cheat sheet. */
export const PIN_HASH_MEMORY_KIB = 19 * 1_024;
export const PIN_HASH_PASSES = 2;
const SALT_BYTES = 16;
const HASH_BYTES = 32;

/**
 * The argon2id hash (PHC string) of a PIN. Where `known` is one of the same PIN, it stays: else every import would send
 * all staff to the tills again.
 */
export async function hashPin(
  pin: string,
  random: (bytes: number) => Uint8Array,
  known?: string,
): Promise<string> {
  if (known !== undefined && (await argon2Verify({ password: pin, hash: known }))) return known;
  return argon2id({
    password: pin,
    salt: random(SALT_BYTES),
    parallelism: 1,
    iterations: PIN_HASH_PASSES,
    memorySize: PIN_HASH_MEMORY_KIB,
    hashLength: HASH_BYTES,
    outputType: 'encoded',
  });
}
