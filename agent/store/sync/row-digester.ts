import { hash } from 'node:crypto';
import { DIGEST_BYTES, DIGEST_KEY_BYTES } from '../../../sync/protocol/tree-shape.ts';
import { assert } from '../../contract/index.ts';

/** The digest of a row as it lies here or comes; `null` where it is gone. */
export type RowDigester = (
  table: string,
  key: string,
  ver: number,
  body: string | null,
) => Buffer | null;

/**
 * What `rowDigest` of `rowHash` gives (see the protocol), in two hashes without a copy between them: each upsert pays for
 * one, and the deep scrub for one of every row.
 * @param digestKey 64 hex digits
 */
export function createRowDigester(digestKey: string): RowDigester {
  const text = Buffer.alloc(DIGEST_KEY_BYTES + DIGEST_BYTES);
  assert(text.write(digestKey, 'hex') === DIGEST_KEY_BYTES, 'a key of digests has 32 bytes');
  return (table, key, ver, body) => {
    if (body === null) return null;
    const rowHash = hash('sha256', `${table}\n${key}\n${ver}\n${body}`, 'binary');
    text.write(rowHash, DIGEST_KEY_BYTES, DIGEST_BYTES, 'latin1');
    return Buffer.from(hash('sha256', text, 'binary').slice(0, DIGEST_BYTES), 'latin1');
  };
}
