import { err, ok, type Result } from '../../../../agent/contract/result.ts';
import { type HqFailure, hqFailure } from '../../../protocol/hq-error.ts';
import type { ReadItem } from './read-items.ts';

/** What HQ holds of one database of a till. */
export interface LedgerHead {
  readonly seq: number;
  readonly hash: string;
  readonly outboxNo: number;
  readonly backedUpSeq: number;
}

/** Items that HQ has yet to book, and the head once it has. */
export interface Placed {
  readonly fresh: readonly ReadItem[];
  readonly head: LedgerHead;
}

/**
 * Finds the place of each uploaded item after the head. An item that was received is a repeat and falls away; an entry
 * under a number that HQ has must be the very same one. The others follow without a gap, and each entry names the hash of
 * the one before it.
 * @param known hashes of entries that HQ has, by seq: of all that the items name up to the head
 */
export function placeItems(
  head: LedgerHead,
  items: readonly ReadItem[],
  known: ReadonlyMap<number, string>,
): Result<Placed, HqFailure> {
  const hashes = new Map(known);
  const fresh: ReadItem[] = [];
  let { seq, hash, outboxNo } = head;
  for (const item of items) {
    const isRepeat = item.no <= head.outboxNo;
    if (!isRepeat && item.no !== outboxNo + 1)
      return err(hqFailure('outbox-gap', undefined, { expectedNo: head.outboxNo + 1 }));
    if (!isRepeat) outboxNo = item.no;
    if (item.kind !== 'entry') {
      if (!isRepeat) fresh.push(item);
      continue;
    }
    const { read } = item;
    if (read.seq <= seq) {
      if (hashes.get(read.seq) !== item.hash) return err(forked(read.seq));
      continue;
    }
    if (isRepeat) return err(forked(read.seq));
    if (read.seq > seq + 1)
      return err(hqFailure('ledger-gap', undefined, { expectedSeq: head.seq + 1 }));
    if (read.prevHash !== hash) return err(forked(read.seq));
    seq = read.seq;
    hash = item.hash;
    hashes.set(seq, hash);
    fresh.push(item);
  }
  return ok({ fresh, head: { ...head, seq, hash, outboxNo } });
}

/** The till has written another entry under a number that HQ knows, as a copied or restored database does. */
export function forked(seq: number): HqFailure {
  return hqFailure('ledger-forked', undefined, { seq });
}
