import { ok, type Result } from '../../../agent/contract/result.ts';
import { addDigest, rowDigest, sumBytes } from '../../protocol/digest.ts';
import { LEAF_ENTRIES, leafOf, NODE_ENTRIES, type OwnFault } from '../../protocol/ledger-proof.ts';
import { DIGEST_WORDS, NODE_BYTES } from '../../protocol/tree-shape.ts';
import type { LedgerProofStore, ProvedEntry } from '../check-ports.ts';
import { type StorageFailure, tryStorage } from '../storage-failure.ts';

const LEAVES = NODE_ENTRIES / LEAF_ENTRIES;

/** Sums of some nodes of the till's ledger, and of the leaves below them. */
export interface LedgerSums {
  /** Of each node, {@link NODE_BYTES} each. */
  readonly nodes: Buffer;
  leaf(leaf: number): Buffer;
  /** Entries that the till itself does not trust. */
  readonly faults: readonly { readonly seq: number; readonly why: OwnFault }[];
  readonly entries: number;
}

interface ScanParts {
  readonly ledger: LedgerProofStore;
  readonly key: Uint8Array;
  readonly from: number;
  readonly to: number;
  /** Called between slices of one leaf each. */
  readonly yieldNow: () => Promise<void>;
}

/** Reads and sums `count` nodes from `first` on, a leaf at a time. */
export async function scanNodes(
  { ledger, key, from, to, yieldNow }: ScanParts,
  first: number,
  count: number,
): Promise<Result<LedgerSums, StorageFailure>> {
  const words = new Uint32Array(count * LEAVES * DIGEST_WORDS);
  const faults: { seq: number; why: OwnFault }[] = [];
  let entries = 0;
  for (let n = 0; n < count * LEAVES; n++) {
    const after = Math.max(from, (first * LEAVES + n) * LEAF_ENTRIES);
    const upTo = Math.min(to, (first * LEAVES + n + 1) * LEAF_ENTRIES);
    if (after >= upTo) continue;
    await yieldNow();
    const read = tryStorage(() => ledger.contents(after, upTo));
    if (!read.ok) return read;
    for (const { seq, content, fault } of read.value) {
      entries += 1;
      if (fault !== null) faults.push({ seq, why: fault });
      if (content !== null) addDigest(words, n * DIGEST_WORDS, rowDigest(key, content), 1);
    }
  }
  const nodes = Buffer.alloc(count * NODE_BYTES);
  for (let node = 0; node < count; node++) {
    const sum = new Uint32Array(DIGEST_WORDS);
    for (let leaf = node * LEAVES; leaf < (node + 1) * LEAVES; leaf++)
      addDigest(sum, 0, sumBytes(words, leaf * DIGEST_WORDS), 1);
    sumBytes(sum, 0).copy(nodes, node * NODE_BYTES, 0, NODE_BYTES);
  }
  return ok({
    nodes,
    faults,
    entries,
    leaf: (leaf) => sumBytes(words, (leaf - first * LEAVES) * DIGEST_WORDS).subarray(0, NODE_BYTES),
  });
}

/** What differs in one leaf. */
export interface LeafDifference {
  readonly seq: number;
  /** Headquarters lacks it, or has it otherwise. */
  readonly there: 'missing' | 'differs';
}

/** Holds a leaf of the till's ledger against headquarters' digests of it. */
export function compareLeaf(
  own: readonly ProvedEntry[],
  key: Uint8Array,
  theirs: ReadonlyMap<number, string>,
): LeafDifference[] {
  return own.flatMap(({ seq, content }): LeafDifference[] => {
    const there = theirs.get(seq);
    if (there === undefined) return [{ seq, there: 'missing' }];
    const digest = content === null ? null : rowDigest(key, content).toString('hex', 0, NODE_BYTES);
    return digest === there ? [] : [{ seq, there: 'differs' }];
  });
}

/** The entries of a leaf within the bounds. */
export function leafBounds(leaf: number, from: number, to: number): { after: number; to: number } {
  return {
    after: Math.max(from, leaf * LEAF_ENTRIES),
    to: Math.min(to, (leaf + 1) * LEAF_ENTRIES),
  };
}

/** How many nodes cover entries after `from` up to `to`, and the first of them. */
export function nodesOf(from: number, to: number): { first: number; count: number } {
  if (to <= from) return { first: 0, count: 0 };
  const first = Math.floor(leafOf(from + 1) / LEAVES);
  return { first, count: Math.floor(leafOf(to) / LEAVES) - first + 1 };
}
