import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { CHECK_ROWS_MAX, type NodesReply, type RowsReply } from '../../protocol/check.ts';
import { rowDigest } from '../../protocol/digest.ts';
import { driftMaxRows, LISTED_ROOM_ROWS, listedMaxRows } from '../../protocol/drift-limits.ts';
import type { Cursor } from '../../protocol/feed.ts';
import { rowHash } from '../../protocol/feed-hash.ts';
import { BUCKETS, FAN_OUT, NODE_BYTES } from '../../protocol/tree-shape.ts';
import { unreachableBy } from '../call-failure.ts';
import type { RightRow } from '../check-ports.ts';
import { tryStorage } from '../storage-failure.ts';
import type { AskCheck, Asked } from './ask-check.ts';
import { type CheckFailure, callFailed } from './check-failure.ts';
import { type OwnRow, prefixOf, sumTable, type TableTree, type TreeParts } from './table-tree.ts';

/** Between so many rows whatever waits runs: a till sells while it compares. */
export const YIELD_EVERY_ROWS = 4_096;

/** What a walk has cost so far: questions, and bytes both ways without the rows themselves. */
export interface Tally {
  roundTrips: number;
  bytes: number;
}

export interface WalkParts extends TreeParts {
  readonly ask: AskCheck;
  /** Under which headquarters digests rows: `DIGEST_KEY_BYTES` bytes. */
  readonly digestKey: Uint8Array;
  /** The till's place in the feed. */
  readonly cursor: () => Cursor;
  readonly tally: Tally;
  readonly onRows?: (rows: number) => void;
}

/** Where one table of the till differs from headquarters'. */
export type TableWalk =
  /** It does not, or only by what the feed brings. @property rows summed at the till */
  | { readonly code: 'same'; readonly rows: number }
  /** No part differs though the whole does: one of the two roots is wrong. */
  | { readonly code: 'root-only'; readonly rows: number }
  | {
      readonly code: 'differs';
      readonly rows: number;
      readonly right: readonly RightRow[];
      /** The till's own rows when the question was asked, by key. */
      readonly seen: ReadonlyMap<string, string>;
      readonly at: Cursor;
    }
  /**
   * More differ than are put right one by one.
   * @property found rows that are known to differ so far
   * @property sure all of them do at the till's place in the feed; else what changes meanwhile may be among them
   */
  | {
      readonly code: 'large';
      readonly rows: number;
      readonly found: number;
      readonly sure: boolean;
    };

/** A table that differs as headquarters named it: its rows there, and the sums of level 1. */
export type DifferingTable = readonly [table: string, rows: number, sums: Uint8Array];

/** Goes down the tree of one table to the rows that differ: three questions, and more where the rows do not fit into one. */
export async function walkTable(
  parts: WalkParts,
  [table, rowsThere, sumsThere]: DifferingTable,
  signal: AbortSignal,
): Promise<Result<TableWalk, CheckFailure>> {
  const { ask, onRows } = parts;
  const summed = await sumTable(parts, table, signal, onRows);
  if (!summed.ok) return summed;
  if (summed.value === 'cancelled') return err({ code: 'cancelled' });
  const tree = summed.value;
  const rowsOfBoth = Math.max(tree.rows, rowsThere);
  const most = driftMaxRows(rowsOfBoth);
  const large = (found: number): TableWalk => ({
    code: 'large',
    rows: tree.rows,
    found,
    sure: false,
  });
  const same = ok<TableWalk>({ code: 'same', rows: tree.rows });
  if (sumsThere.length !== NODE_BYTES * FAN_OUT) return wrongAnswer('roots');
  const first = tree.differing(1, [0], sumsThere);
  if (first.length === 0) return ok({ code: 'root-only', rows: tree.rows });

  const middle = await ask(
    { t: 'nodes', table, level: 2, parents: nodeBytes(first), sums: tree.children(2, first) },
    signal,
  );
  if (!middle.ok) return err(callFailed(middle.error));
  count(parts.tally, middle.value);
  const second = readNodes(middle.value.reply.differ, first);
  if (second === null || middle.value.reply.sums.length !== NODE_BYTES * FAN_OUT * second.length)
    return wrongAnswer('nodes');
  const third = tree.differing(3, second, middle.value.reply.sums);
  if (third.length === 0) return same;

  const leaves = await ask(
    { t: 'nodes', table, level: 4, parents: nodeBytes(third), sums: tree.children(4, third) },
    signal,
  );
  if (!leaves.ok) {
    const { error } = leaves;
    // What does not fit into an answer is a large part of the table.
    if (error.code === 'refused' && error.refusal === 'too-large') return ok(large(most));
    return err(callFailed(error));
  }
  count(parts.tally, leaves.value);
  const { reply } = leaves.value;
  const buckets = readNodes(reply.differ, third);
  if (buckets === null) return wrongAnswer('nodes');
  const counts = readCounts(buckets.length, reply);
  if (counts === null) return wrongAnswer('nodes');
  if (reply.digests.length / NODE_BYTES > listedMaxRows(rowsOfBoth)) return ok(large(most));
  const listed = { buckets, counts, digests: reply.digests };
  const found = await unmatched(parts, tree, listed, signal);
  if (found === 'cancelled') return err({ code: 'cancelled' });
  const { lacking, own } = found;
  if (lacking.size === 0 && own.length === 0) return same;
  // What the feed brings meanwhile is among them; headquarters says which ones, as long as it can be asked for them.
  const differing = Math.max(lacking.size, own.length);
  if (differing > most + LISTED_ROOM_ROWS) return ok(large(differing));
  const mine = await tree.find(own, signal);
  if (!mine.ok) return mine;
  if (mine.value === 'cancelled') return err({ code: 'cancelled' });
  return fetchRows(parts, table, most, tree.rows, lacking, mine.value, signal);
}

/** What headquarters holds in the buckets that differ: rows in each, and the first 8 bytes of their digests in that order. */
interface Listed {
  readonly buckets: readonly number[];
  readonly counts: readonly number[];
  readonly digests: Uint8Array;
}

/** Rows that only one side has. */
interface Unmatched {
  /** First 8 bytes of digests that the till lacks, with their buckets. */
  readonly lacking: ReadonlyMap<bigint, number>;
  /** Places of the till's rows that headquarters did not name. */
  readonly own: readonly number[];
}

/** Matches the rows that headquarters lists against the till's own in the same buckets. */
async function unmatched(
  { yieldNow }: Pick<WalkParts, 'yieldNow'>,
  tree: TableTree,
  { buckets, counts, digests }: Listed,
  signal: AbortSignal,
): Promise<Unmatched | 'cancelled'> {
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
      if (signal.aborted) return 'cancelled';
    }
  }
  const own: number[] = [];
  for (let row = 0; row < tree.rows; row++) {
    if (differs[tree.bucket(row)] === 1 && !lacking.delete(tree.prefix(row))) own.push(row);
    if ((row + 1) % YIELD_EVERY_ROWS !== 0) continue;
    await yieldNow(signal);
    if (signal.aborted) return 'cancelled';
  }
  return { lacking, own };
}

/** Asks for the rows as they should be, until all are there or more differ than are put right one by one. */
async function fetchRows(
  { ask, digestKey, cursor, tally, yieldNow }: WalkParts,
  table: string,
  most: number,
  rows: number,
  lacking: ReadonlyMap<bigint, number>,
  own: readonly OwnRow[],
  signal: AbortSignal,
): Promise<Result<TableWalk, CheckFailure>> {
  const place = tryStorage(cursor);
  if (!place.ok) return place;
  const at = place.value;
  const right = new Map<string, RightRow>();
  const wanted = new Map([...lacking].toSorted(([, a], [, b]) => a - b));
  const keys = new Set(own.map(({ key }) => key));
  while (wanted.size + keys.size > 0) {
    const asked = {
      wanted: [...wanted].slice(0, CHECK_ROWS_MAX),
      own: [...keys].slice(0, Math.max(0, CHECK_ROWS_MAX - wanted.size)),
    };
    const buckets = [...new Set(asked.wanted.map(([, bucket]) => bucket))];
    const answer = await ask(
      {
        t: 'rows',
        table,
        cursor: at,
        buckets: nodeBytes(buckets),
        wanted: prefixBytes(asked.wanted.map(([prefix]) => prefix)),
        own: asked.own,
      },
      signal,
    );
    if (!answer.ok) return err(callFailed(answer.error));
    const { reply } = answer.value;
    count(tally, answer.value, rowsBytes(reply.rows));
    let taken = 0;
    for (const [i, [key, ver, body]] of reply.rows.entries()) {
      if ((i + 1) % YIELD_EVERY_ROWS === 0) await yieldNow(signal);
      const prefix =
        body === null || ver === 0
          ? null
          : prefixOf(rowDigest(digestKey, rowHash([table, key, ver, body])));
      const wasWanted = prefix !== null && wanted.delete(prefix);
      const wasOwn = keys.delete(key);
      // What was not asked for is no answer.
      if (!wasWanted && !wasOwn && !right.has(key)) continue;
      taken += 1;
      right.set(key, { key, ver, body });
    }
    if (right.size > most) return ok({ code: 'large', rows, found: right.size, sure: true });
    if (reply.more && taken > 0) continue;
    // The rest of what was asked lies behind the till's place: the feed brings it.
    for (const [prefix] of asked.wanted) wanted.delete(prefix);
    for (const key of asked.own) keys.delete(key);
  }
  if (right.size === 0) return ok({ code: 'same', rows });
  const seen = new Map(own.map(({ key, digest }) => [key, digest]));
  return ok({ code: 'differs', rows, right: [...right.values()], seen, at });
}

/** Counts a question and its answer. @param rowsBytes of the rows in it, which do not count */
export function count(tally: Tally, asked: Omit<Asked<'roots'>, 'reply'>, rowsBytes = 0): void {
  tally.roundTrips += 1;
  tally.bytes += asked.sentBytes + asked.receivedBytes - rowsBytes;
}

/** Bytes of rows in an answer: their keys and bodies, with about what MessagePack puts around them. */
function rowsBytes(rows: RowsReply['rows']): number {
  let bytes = 0;
  for (const [key, , body] of rows)
    bytes += Buffer.byteLength(key) + (body === null ? 0 : Buffer.byteLength(body));
  return bytes;
}

function wrongAnswer(what: string): Result<never, CheckFailure> {
  const message = `the answer to ${what} does not fit the question`;
  return err({ code: 'call', failure: unreachableBy('wrong-answer', message) });
}

/** Nodes as they travel: 2 bytes each. */
function nodeBytes(nodes: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(2 * nodes.length);
  nodes.forEach((node, i) => void bytes.writeUInt16BE(node, 2 * i));
  return bytes;
}

/** Reads nodes that must rise and lie below `parents`; `null` where they do not. */
function readNodes(bytes: Uint8Array, parents: readonly number[]): number[] | null {
  if (bytes.length % 2 !== 0) return null;
  const above = new Set(parents);
  const nodes: number[] = [];
  for (let i = 0; i < bytes.length; i += 2) {
    const node = ((bytes[i] as number) << 8) | (bytes[i + 1] as number);
    const before = nodes.at(-1);
    if ((before !== undefined && node <= before) || !above.has(Math.floor(node / FAN_OUT)))
      return null;
    nodes.push(node);
  }
  return nodes;
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

function prefixBytes(prefixes: readonly bigint[]): Uint8Array {
  const bytes = Buffer.alloc(NODE_BYTES * prefixes.length);
  prefixes.forEach((prefix, i) => void bytes.writeBigUInt64BE(prefix, NODE_BYTES * i));
  return bytes;
}
