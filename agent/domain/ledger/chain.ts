import { type EntryHeader, err, GENESIS_HASH, ok, type Result } from '../../contract/index.ts';
import { canonicalJson } from './canonical-json.ts';
import type { LedgerCrypto } from './ledger-crypto.ts';

/** The last entry of a chain; `seq` 0 and {@link GENESIS_HASH} before the first. */
export interface ChainHead {
  readonly seq: number;
  readonly hash: string;
}

export const GENESIS: ChainHead = { seq: 0, hash: GENESIS_HASH };

/** A header that still needs its place in the chain. */
export type EntryDraft = Omit<EntryHeader, 'seq' | 'prevHash'>;

/** An entry as the chain sees it: its header and the hash that was stored with it. */
export interface ChainedEntry {
  readonly header: EntryHeader;
  readonly hash: string;
}

/** SHA-256 of the header's canonical JSON; the header names the hash before it, which makes the chain. */
export function entryHash(hash: LedgerCrypto['hash'], header: EntryHeader): string {
  return hash([canonicalJson(header)]);
}

/** Gives a draft the place after `head`. */
export function linkEntry(
  hash: LedgerCrypto['hash'],
  draft: EntryDraft,
  head: ChainHead,
): ChainedEntry {
  const header: EntryHeader = { ...draft, seq: head.seq + 1, prevHash: head.hash };
  return { header, hash: entryHash(hash, header) };
}

/** The first fault of a chain: a number out of order, a link to another entry, or a header that was changed. */
export interface ChainFault {
  readonly seq: number;
  readonly why: 'seq' | 'prev-hash' | 'hash' | 'till' | 'incarnation';
}

/**
 * Checks entries in the order given and answers the head reached.
 * @param from the entry before the first one given; a part of a chain is checked from a head that is trusted
 */
export function verifyChain(
  hash: LedgerCrypto['hash'],
  entries: Iterable<ChainedEntry>,
  from: ChainHead = GENESIS,
): Result<ChainHead, ChainFault> {
  let head = from;
  let first: EntryHeader | undefined;
  for (const entry of entries) {
    first ??= entry.header;
    const why = faultOf(hash, entry, head, first);
    if (why !== undefined) return err({ seq: head.seq + 1, why });
    head = { seq: entry.header.seq, hash: entry.hash };
  }
  return ok(head);
}

function faultOf(
  hash: LedgerCrypto['hash'],
  { header, hash: stored }: ChainedEntry,
  head: ChainHead,
  first: EntryHeader,
): ChainFault['why'] | undefined {
  if (header.seq !== head.seq + 1) return 'seq';
  if (header.prevHash !== head.hash) return 'prev-hash';
  if (entryHash(hash, header) !== stored) return 'hash';
  if (header.tillId !== first.tillId) return 'till';
  return header.incarnation === first.incarnation ? undefined : 'incarnation';
}
