import { ok, type Result } from '../../../agent/contract/result.ts';
import { bucketOf } from '../../protocol/digest.ts';
import { BUCKETS, FAN_OUT, NODE_BYTES, TREE_LEVELS } from '../../protocol/tree-shape.ts';
import type { ChecksStore, DigestedRow } from '../check-ports.ts';
import type { SyncClock } from '../deps.ts';
import { type StorageFailure, tryStorage } from '../storage-failure.ts';
import { createSliceSize } from './slice-size.ts';

/** Summing digests holds the till's thread for about so long at a time, in milliseconds. */
export const DIGEST_SLICE_MS = 4;
/** Digests of one slice. */
export const DIGEST_SLICE = { first: 256, least: 64, most: 4_096 } as const;
/** Digests that are read beyond a slice when it is read again: rows may have come into it meanwhile. */
const SLACK_ROWS = 64;
/** Words of a node that travel. */
const WORDS = NODE_BYTES / 4;

/** A row of the till, as the feed told it. */
export interface OwnRow {
  readonly key: string;
  /** 32 hex digits. */
  readonly digest: string;
}

/** The sums of one table, and enough of each row to find it again: 10 bytes a row. */
export interface TableTree {
  readonly rows: number;
  /** First words of the sum of each node of a level (1 ... 4), two words each. */
  words(level: number): Uint32Array;
  /** The sums of the 16 children of each parent as they travel. @param level of the children */
  children(level: number, parents: readonly number[]): Uint8Array;
  /** Children of `parents` whose sum is not the one in `sums`. */
  differing(level: number, parents: readonly number[], sums: Uint8Array): number[];
  /** Bucket of a row, by its place in the table. */
  bucket(row: number): number;
  /** First 8 bytes of its digest. */
  prefix(row: number): bigint;
  /**
   * Reads the keys of rows, given by rising places. A row that has changed since is left out: its change is known.
   */
  find(
    rows: readonly number[],
    signal: AbortSignal,
  ): Promise<Result<OwnRow[] | 'cancelled', StorageFailure>>;
}

export interface TreeParts {
  readonly checks: Pick<ChecksStore, 'digests'>;
  readonly clock: SyncClock;
  /** Lets waiting input and sales run first. */
  readonly yieldNow: (signal: AbortSignal) => Promise<void>;
}

interface Slice {
  readonly after: string;
  readonly first: number;
  readonly rows: number;
}

/** Sums a table in slices between which sales run. What changes meanwhile differs or not; neither harms. */
export async function sumTable(
  parts: TreeParts,
  table: string,
  signal: AbortSignal,
  onRows: (rows: number) => void = () => {},
): Promise<Result<TableTree | 'cancelled', StorageFailure>> {
  const { checks, clock, yieldNow } = parts;
  const leaves = new Uint32Array(WORDS * BUCKETS);
  const size = createSliceSize(clock, DIGEST_SLICE_MS, DIGEST_SLICE);
  const slices: Slice[] = [];
  let buckets = new Uint16Array(1_024);
  let prefixes = new Uint32Array(WORDS * 1_024);
  let rows = 0;

  function add({ key, digest }: DigestedRow): void {
    if (rows === buckets.length) {
      buckets = grown(buckets, new Uint16Array(2 * rows));
      prefixes = grown(prefixes, new Uint32Array(2 * WORDS * rows));
    }
    const bucket = bucketOf(key);
    buckets[rows] = bucket;
    for (let word = 0; word < WORDS; word++) {
      const value = wordAt(digest, word);
      prefixes[WORDS * rows + word] = value;
      const at = WORDS * bucket + word;
      leaves[at] = (leaves[at] as number) + value;
    }
    rows += 1;
  }

  for (let after = ''; ; ) {
    await yieldNow(signal);
    if (signal.aborted) return ok('cancelled');
    let limit = 0;
    const read = tryStorage(() =>
      size.timed(
        (most) => {
          limit = most;
          const digests = checks.digests(table, after, most);
          slices.push({ after, first: rows, rows: digests.length });
          for (const row of digests) add(row);
          return digests;
        },
        ({ length }) => length,
      ),
    );
    if (!read.ok) return read;
    onRows(rows);
    const last = read.value.at(-1);
    if (last === undefined || read.value.length < limit) break;
    after = last.key;
  }
  return ok(treeOf(parts, table, { leaves, buckets, prefixes, rows, slices }));
}

function treeOf(
  { checks, yieldNow }: TreeParts,
  table: string,
  {
    leaves,
    buckets,
    prefixes,
    rows,
    slices,
  }: {
    readonly leaves: Uint32Array;
    readonly buckets: Uint16Array;
    readonly prefixes: Uint32Array;
    readonly rows: number;
    readonly slices: readonly Slice[];
  },
): TableTree {
  const levels = levelsOf(leaves);
  const words = (level: number): Uint32Array => levels[level] as Uint32Array;
  const prefix = (row: number): bigint =>
    (BigInt(prefixes[WORDS * row] as number) << 32n) | BigInt(prefixes[WORDS * row + 1] as number);

  return {
    rows,
    words,
    bucket: (row) => buckets[row] as number,
    prefix,
    children(level, parents) {
      const sums = words(level);
      const bytes = Buffer.alloc(NODE_BYTES * FAN_OUT * parents.length);
      parents.forEach((parent, i) => {
        for (let word = 0; word < WORDS * FAN_OUT; word++)
          bytes.writeUInt32BE(
            sums[WORDS * FAN_OUT * parent + word] as number,
            4 * (WORDS * FAN_OUT * i + word),
          );
      });
      return bytes;
    },
    differing(level, parents, theirs) {
      const own = this.children(level, parents);
      const nodes: number[] = [];
      parents.forEach((parent, i) => {
        for (let child = 0; child < FAN_OUT; child++) {
          const at = NODE_BYTES * (FAN_OUT * i + child);
          const same =
            Buffer.compare(
              own.subarray(at, at + NODE_BYTES),
              theirs.subarray(at, at + NODE_BYTES),
            ) === 0;
          if (!same) nodes.push(FAN_OUT * parent + child);
        }
      });
      return nodes;
    },
    async find(wanted, signal) {
      const found: OwnRow[] = [];
      let next = 0;
      for (const slice of slices) {
        const end = slice.first + slice.rows;
        const here = new Set<bigint>();
        for (; next < wanted.length && (wanted[next] as number) < end; next++)
          here.add(prefix(wanted[next] as number));
        if (here.size === 0) continue;
        await yieldNow(signal);
        if (signal.aborted) return ok('cancelled');
        const read = tryStorage(() => checks.digests(table, slice.after, slice.rows + SLACK_ROWS));
        if (!read.ok) return read;
        for (const { key, digest } of read.value)
          if (here.has(prefixOf(digest)))
            found.push({ key, digest: Buffer.from(digest).toString('hex') });
      }
      return ok(found);
    },
  };
}

/** First 8 bytes of a digest as a number. */
export function prefixOf(digest: Uint8Array): bigint {
  return (BigInt(wordAt(digest, 0)) << 32n) | BigInt(wordAt(digest, 1));
}

function wordAt(digest: Uint8Array, word: number): number {
  const i = 4 * word;
  return (
    (((digest[i] as number) << 24) |
      ((digest[i + 1] as number) << 16) |
      ((digest[i + 2] as number) << 8) |
      (digest[i + 3] as number)) >>>
    0
  );
}

/** Sums of every level out of those of the buckets; the first has one node. */
function levelsOf(leaves: Uint32Array): Uint32Array[] {
  const levels: Uint32Array[] = [];
  levels[TREE_LEVELS] = leaves;
  for (let level = TREE_LEVELS - 1; level >= 0; level--) {
    const below = levels[level + 1] as Uint32Array;
    const sums = new Uint32Array(below.length / FAN_OUT);
    for (let i = 0; i < below.length; i++) {
      const node = Math.floor(i / (WORDS * FAN_OUT));
      const at = WORDS * node + (i % WORDS);
      sums[at] = (sums[at] as number) + (below[i] as number);
    }
    levels[level] = sums;
  }
  return levels;
}

function grown<Words extends Uint16Array | Uint32Array>(from: Words, to: Words): Words {
  to.set(from);
  return to;
}
