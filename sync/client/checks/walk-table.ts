import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { CHECK_ROWS_MAX, type RowsReply } from '../../protocol/check.ts';
import { rowDigest } from '../../protocol/digest.ts';
import { driftMaxRows, LISTED_ROOM_ROWS } from '../../protocol/drift-limits.ts';
import type { Cursor } from '../../protocol/feed.ts';
import { rowHash } from '../../protocol/feed-hash.ts';
import { FAN_OUT, NODE_BYTES } from '../../protocol/tree-shape.ts';
import type { RightRow } from '../check-ports.ts';
import { tryStorage } from '../storage-failure.ts';
import { type CheckFailure, callFailed, wrongAnswer } from './check-failure.ts';
import { matchRows } from './match-rows.ts';
import { nodeBytes, readNodes } from './node-bytes.ts';
import { type OwnRow, prefixOf, sumTable } from './table-tree.ts';
import { count, type WalkParts, YIELD_EVERY_ROWS } from './walk-parts.ts';

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
      /** Rows that headquarters does not have and that are too many to go: `right` leaves them out. */
      readonly extras: LargeDrift | null;
    }
  /** More differ than are put right one by one. */
  | { readonly code: 'large'; readonly rows: number; readonly large: LargeDrift };

/** Rows of one table that are too many to be put right one by one. */
export interface LargeDrift {
  readonly rows: number;
  /** Rows that are known to differ so far. */
  readonly found: number;
  /** All of them do at the till's place in the feed; else what changes meanwhile may be among them. */
  readonly sure: boolean;
  /** Too many are missing, stale or damaged here, and a copy brings them; else only what headquarters does not have is too much. */
  readonly needsCopy: boolean;
}

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
  const large = (found: number, needsCopy: boolean): TableWalk => ({
    code: 'large',
    rows: tree.rows,
    large: { rows: tree.rows, found, sure: false, needsCopy },
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

  const matched = await matchRows(parts, tree, { table, nodes: third, rowsThere }, signal);
  if (!matched.ok) return matched;
  if (matched.value === 'too-long') return ok(large(most, true));
  const { lacking, own, share } = matched.value;
  if (share < 1) return ok(large(most, lacking.size / share > most));
  if (lacking.size === 0 && own.length === 0) return same;
  // What the feed brings meanwhile is among them; headquarters says which ones, as long as it can be asked for them.
  const differing = Math.max(lacking.size, own.length);
  if (differing > most + LISTED_ROOM_ROWS) return ok(large(differing, lacking.size > most));
  const mine = await tree.find(own, signal);
  if (!mine.ok) return mine;
  if (mine.value === 'cancelled') return err({ code: 'cancelled' });
  return fetchRows(parts, table, most, tree.rows, lacking, mine.value, signal);
}

/** Asks for the rows as they should be, until all are there or more are lacking than are put right one by one. */
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
  const gone = new Map<string, RightRow>();
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
      if (!wasWanted && !wasOwn && !right.has(key) && !gone.has(key)) continue;
      taken += 1;
      (body === null ? gone : right).set(key, { key, ver, body });
    }
    if (right.size > most)
      return ok({
        code: 'large',
        rows,
        large: { rows, found: right.size, sure: true, needsCopy: true },
      });
    if (reply.more && taken > 0) continue;
    // The rest of what was asked lies behind the till's place: the feed brings it.
    for (const [prefix] of asked.wanted) wanted.delete(prefix);
    for (const key of asked.own) keys.delete(key);
  }
  if (right.size + gone.size === 0) return ok({ code: 'same', rows });
  const seen = new Map(own.map(({ key, digest }) => [key, digest]));
  const differs = { code: 'differs', rows, seen, at } as const;
  if (gone.size <= most)
    return ok({ ...differs, right: [...right.values(), ...gone.values()], extras: null });
  const extras = { rows, found: gone.size, sure: true, needsCopy: false };
  return ok({ ...differs, right: [...right.values()], extras });
}

/** Bytes of rows in an answer: their keys and bodies, with about what MessagePack puts around them. */
function rowsBytes(rows: RowsReply['rows']): number {
  let bytes = 0;
  for (const [key, , body] of rows)
    bytes += Buffer.byteLength(key) + (body === null ? 0 : Buffer.byteLength(body));
  return bytes;
}

function prefixBytes(prefixes: readonly bigint[]): Uint8Array {
  const bytes = Buffer.alloc(NODE_BYTES * prefixes.length);
  prefixes.forEach((prefix, i) => void bytes.writeBigUInt64BE(prefix, NODE_BYTES * i));
  return bytes;
}
