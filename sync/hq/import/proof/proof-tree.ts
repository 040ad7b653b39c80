import { assert } from '../../../../agent/contract/result.ts';
import { addDigest, rowDigest, sumBytes } from '../../../protocol/digest.ts';
import { rowHash } from '../../../protocol/feed-hash.ts';
import { BUCKETS, DIGEST_WORDS, FAN_OUT, TREE_LEVELS } from '../../../protocol/tree-shape.ts';

/** The sums of one side over all buckets: 1 MiB, however many rows there are. */
export interface ProofTree {
  add(bucket: number, digest: Uint8Array): void;
  /** The sum of all rows as 32 hex digits. */
  root(): string;
  /** Sums of a level, {@link DIGEST_WORDS} words for each node. */
  level(level: number): Uint32Array;
}

export function createProofTree(): ProofTree {
  const leaves = new Uint32Array(BUCKETS * DIGEST_WORDS);
  let levels: Uint32Array[] | undefined;
  const built = (): Uint32Array[] => {
    if (levels !== undefined) return levels;
    levels = [leaves];
    for (let level = TREE_LEVELS; level > 0; level -= 1) {
      const below = levels[0] as Uint32Array;
      const above = new Uint32Array(below.length / FAN_OUT);
      for (let word = 0; word < below.length; word += 1) {
        const node = Math.floor(word / DIGEST_WORDS / FAN_OUT);
        const at = node * DIGEST_WORDS + (word % DIGEST_WORDS);
        above[at] = (above[at] as number) + (below[word] as number);
      }
      levels.unshift(above);
    }
    return levels;
  };
  return {
    add(bucket, digest) {
      addDigest(leaves, bucket * DIGEST_WORDS, digest, 1);
      levels = undefined;
    },
    root: () => sumBytes(built()[0] as Uint32Array, 0).toString('hex'),
    level: (level) => built()[level] as Uint32Array,
  };
}

/** The digest of what one side says of a row. @param text canonical */
export function proofDigest(key: Uint8Array, kind: string, rowKey: string, text: string): Buffer {
  return rowDigest(key, rowHash([kind, rowKey, 0, text] as Parameters<typeof rowHash>[0]));
}

/** The buckets in which two trees differ, from the root down: below a node that is equal nobody looks. */
export function differingBuckets(a: ProofTree, b: ProofTree): number[] {
  let nodes = [0];
  for (let level = 0; ; level += 1) {
    const [left, right] = [a.level(level), b.level(level)];
    nodes = nodes.filter((node) => {
      const at = node * DIGEST_WORDS;
      for (let word = at; word < at + DIGEST_WORDS; word += 1)
        if (left[word] !== right[word]) return true;
      return false;
    });
    assert(level <= TREE_LEVELS, 'the walk ends at the buckets');
    if (level === TREE_LEVELS) return nodes;
    nodes = nodes.flatMap((node) => Array.from({ length: FAN_OUT }, (_, n) => node * FAN_OUT + n));
  }
}
