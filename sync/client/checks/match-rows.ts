import { err, ok, type Result } from '../../../agent/contract/result.ts';
import type { NodesReply } from '../../protocol/check.ts';
import { listedMaxRows } from '../../protocol/drift-limits.ts';
import { BUCKETS, FAN_OUT, NODE_BYTES } from '../../protocol/tree-shape.ts';
import { type CheckFailure, callFailed, wrongAnswer } from './check-failure.ts';
import { nodeBytes, readNodes } from './node-bytes.ts';
import { prefixOf, type TableTree } from './table-tree.ts';
import { count, type WalkParts, YIELD_EVERY_ROWS } from './walk-parts.ts';

/** Part of a table in which both sides differ. */
interface Compared {
  readonly table: string;
  /** Nodes of the third level, rising. */
  readonly nodes: readonly number[];
  /** Rows that headquarters has in the whole table. */
  readonly rowsThere: number;
}

/** Rows that only one side has. */
export interface Unmatched {
  /** First 8 bytes of digests that the till lacks, with their buckets. */
  readonly lacking: ReadonlyMap<bigint, number>;
  /** Places of the till's rows that headquarters did not name. */
  readonly own: readonly number[];
  /** Of the nodes that were looked at; below 1 where headquarters lists no more. */
  readonly share: number;
}

/**
 * Asks what headquarters holds where both sides differ, and matches it against the till's own rows. Where that is more than
 * headquarters lists, some nodes stand for all of them: keys lie evenly over the tree.
 */
export async function matchRows(
  parts: WalkParts,
  tree: TableTree,
  compared: Compared,
  signal: AbortSignal,
): Promise<Result<Unmatched | 'too-long', CheckFailure>> {
  const { nodes, rowsThere } = compared;
  const all = await list(parts, tree, compared, signal);
  if (!all.ok) return all;
  if (all.value !== 'too-long') return unmatched(parts, tree, all.value, 1, signal);
  const some = nodes.slice(0, sampledNodes(rowsThere));
  if (some.length === nodes.length) return ok('too-long');
  const listed = await list(parts, tree, { ...compared, nodes: some }, signal);
  if (!listed.ok) return listed;
  if (listed.value === 'too-long') return ok('too-long');
  return unmatched(parts, tree, listed.value, some.length / nodes.length, signal);
}

/** Nodes of the third level whose rows fill half of what headquarters lists at most, where its table has so many. */
function sampledNodes(rowsThere: number): number {
  const rowsOfNode = rowsThere / FAN_OUT ** 3;
  return Math.max(1, Math.floor(listedMaxRows(rowsThere) / 2 / rowsOfNode));
}

/** Asks what headquarters holds in the buckets below `parents` that differ. */
async function list(
  { ask, tally }: WalkParts,
  tree: TableTree,
  { table, nodes: parents, rowsThere }: Compared,
  signal: AbortSignal,
): Promise<Result<Listed | 'too-long', CheckFailure>> {
  const leaves = await ask(
    { t: 'nodes', table, level: 4, parents: nodeBytes(parents), sums: tree.children(4, parents) },
    signal,
  );
  if (!leaves.ok) {
    const { error } = leaves;
    if (error.code === 'refused' && error.refusal === 'too-large') return ok('too-long');
    return err(callFailed(error));
  }
  count(tally, leaves.value);
  const { reply } = leaves.value;
  const buckets = readNodes(reply.differ, parents);
  if (buckets === null) return wrongAnswer('nodes');
  const counts = readCounts(buckets.length, reply);
  if (counts === null) return wrongAnswer('nodes');
  if (reply.digests.length / NODE_BYTES > listedMaxRows(Math.max(tree.rows, rowsThere)))
    return ok('too-long');
  return ok({ buckets, counts, digests: reply.digests });
}

/** What headquarters holds in the buckets that differ: rows in each, and the first 8 bytes of their digests in that order. */
interface Listed {
  readonly buckets: readonly number[];
  readonly counts: readonly number[];
  readonly digests: Uint8Array;
}

/** Matches the rows that headquarters lists against the till's own in the same buckets. */
async function unmatched(
  { yieldNow }: Pick<WalkParts, 'yieldNow'>,
  tree: TableTree,
  { buckets, counts, digests }: Listed,
  share: number,
  signal: AbortSignal,
): Promise<Result<Unmatched, CheckFailure>> {
  const differs = new Uint8Array(BUCKETS);
  const lacking = new Map<bigint, number>();
  let at = 0;
  for (const [i, bucket] of buckets.entries()) {
    differs[bucket] = 1;
    for (let left = counts[i] as number; left > 0; left--) {
      lacking.set(prefixOf(digests.subarray(at, at + NODE_BYTES)), bucket);
      at += NODE_BYTES;
      if ((at / NODE_BYTES) % YIELD_EVERY_ROWS !== 0) continue;
      await yieldNow(signal);
      if (signal.aborted) return err({ code: 'cancelled' });
    }
  }
  const own: number[] = [];
  for (let row = 0; row < tree.rows; row++) {
    if (differs[tree.bucket(row)] === 1 && !lacking.delete(tree.prefix(row))) own.push(row);
    if ((row + 1) % YIELD_EVERY_ROWS !== 0) continue;
    await yieldNow(signal);
    if (signal.aborted) return err({ code: 'cancelled' });
  }
  return ok({ lacking, own, share });
}

/** Rows in each bucket; `null` where buckets, counts and digests do not fit. */
function readCounts(
  buckets: number,
  { counts, digests }: Pick<NodesReply, 'counts' | 'digests'>,
): number[] | null {
  if (counts.length !== 4 * buckets) return null;
  const bytes = Buffer.from(counts.buffer, counts.byteOffset, counts.byteLength);
  const read = Array.from({ length: buckets }, (_, i) => bytes.readUInt32BE(4 * i));
  const rows = read.reduce((sum, one) => sum + one, 0);
  return digests.length === NODE_BYTES * rows ? read : null;
}
