import { hash } from 'node:crypto';
import { CONTENT_BYTES } from './ledger-proof.ts';

/** What an entry is, as each side reads it from its own rows. */
export interface EntryImage {
  readonly seq: number;
  /** SHA-256 (hex) of the header's text, as it lies there. */
  readonly headerHash: string;
  /** The hash that stands beside it. */
  readonly hash: string;
  /** SHA-256 (hex) of the sealed bytes. */
  readonly sealedHash: string;
}

/**
 * The content of an entry: 32 hex digits, without a key, so that a till can keep it of entries that it has pruned. Its
 * digest is `rowDigest` of this.
 */
export function entryContent(
  tillId: string,
  incarnation: string,
  { seq, headerHash, hash: stored, sealedHash }: EntryImage,
): string {
  return hash(
    'sha256',
    `tillside/ledger-entry/1\n${tillId}\n${incarnation}\n${seq}\n${headerHash}\n${stored}\n${sealedHash}`,
    'hex',
  ).slice(0, 2 * CONTENT_BYTES);
}
