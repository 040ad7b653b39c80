import { hash } from 'node:crypto';
import { DIGEST_BYTES, DIGEST_WORDS, TREE_LEVELS } from './tree-shape.ts';

/**
 * The digest of a row: the first 128 bits of SHA-256 over the key and the row's hash (`rowHash`, 16 bytes). Both have a
 * fixed length, so this is a pseudo-random function of the hash; whoever chooses a row's content without the key can
 * steer no sum of digests.
 * @param key {@link DIGEST_KEY_BYTES} bytes
 * @param rowHash 32 hex digits
 */
export function rowDigest(key: Uint8Array, rowHash: string): Buffer {
  return hash('sha256', Buffer.concat([key, Buffer.from(rowHash, 'hex')]), 'buffer').subarray(
    0,
    DIGEST_BYTES,
  );
}

/** The bucket of a row, whatever its content: the first 16 bits of SHA-256 over its key in UTF-8. */
export function bucketOf(rowKey: string): number {
  return hash('sha256', rowKey, 'buffer').readUInt16BE(0);
}

/** The node of `level` (0 = root ... {@link TREE_LEVELS} = buckets) above a bucket. */
export function nodeOf(bucket: number, level: number): number {
  return bucket >> (4 * (TREE_LEVELS - level));
}

/** Adds `times` (1 or -1) a digest to the sum that begins at word `at` of `sums`. */
export function addDigest(sums: Uint32Array, at: number, digest: Uint8Array, times: 1 | -1): void {
  for (let word = 0; word < DIGEST_WORDS; word++) {
    const i = 4 * word;
    const value =
      (((digest[i] as number) << 24) |
        ((digest[i + 1] as number) << 16) |
        ((digest[i + 2] as number) << 8) |
        (digest[i + 3] as number)) >>>
      0;
    // A Uint32Array counts modulo 2^32 by itself.
    sums[at + word] = (sums[at + word] as number) + times * value;
  }
}

/** A sum as {@link DIGEST_BYTES} bytes, words big-endian. */
export function sumBytes(sums: Uint32Array, at: number): Buffer {
  const bytes = Buffer.alloc(DIGEST_BYTES);
  for (let word = 0; word < DIGEST_WORDS; word++)
    bytes.writeUInt32BE(sums[at + word] as number, 4 * word);
  return bytes;
}
