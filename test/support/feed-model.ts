import { addDigest, rowDigest, sumBytes } from '../../sync/protocol/digest.ts';
import type { Cursor, FeedRow } from '../../sync/protocol/feed.ts';
import { rowHash } from '../../sync/protocol/feed-hash.ts';
import { DIGEST_WORDS } from '../../sync/protocol/tree-shape.ts';
import { cursorAt } from './fed-rows.ts';
import type { SnapshotSource } from './segments.ts';

/** Headquarters' feed as plainly as it can be said: the last word on each key, numbered. */
export interface FeedModel {
  readonly timeline: string;
  head(): Cursor;
  /** Publishes a change; its version is its number. */
  publish(table: string, key: string, body: string | null): FeedRow;
  /** The rows whose last change lies in (from, to]. */
  page(from: number, to: number): FeedRow[];
  /** Everything that is there, as a snapshot. */
  source(tables: readonly string[]): SnapshotSource;
  /** Roots of everything that is there, as the till's own are told. */
  roots(key: Uint8Array): { table: string; rows: number; sum: string }[];
  /** The same on another timeline, as after a restore. */
  restored(timeline: string): FeedModel;
}

export function createFeedModel(
  timeline = 'timeline-1',
  rows: ReadonlyMap<string, FeedRow> = new Map(),
): FeedModel {
  const last = new Map(rows);
  let head = Math.max(0, ...[...rows.values()].map(([, , ver]) => ver));
  const there = (): FeedRow[] => [...last.values()].filter(([, , , body]) => body !== null);

  return {
    timeline,
    head: () => cursorAt(head, timeline),
    publish(table, key, body) {
      head += 1;
      const row: FeedRow = [table, key, head, body];
      last.delete(`${table}/${key}`);
      last.set(`${table}/${key}`, row);
      return row;
    },
    page: (from, to) => [...last.values()].filter(([, , ver]) => ver > from && ver <= to),
    source(tables) {
      const source: Record<string, [string, number, string][]> = {};
      for (const table of tables) source[table] = [];
      for (const [table, key, ver, body] of there()) source[table]?.push([key, ver, body ?? '']);
      for (const of of Object.values(source))
        of.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      return source;
    },
    roots(key) {
      const sums = new Map<string, { rows: number; sums: Uint32Array }>();
      for (const row of there()) {
        const sum = sums.get(row[0]) ?? { rows: 0, sums: new Uint32Array(DIGEST_WORDS) };
        sum.rows += 1;
        addDigest(sum.sums, 0, rowDigest(key, rowHash(row)), 1);
        sums.set(row[0], sum);
      }
      return [...sums]
        .map(([table, { rows: count, sums: sum }]) => ({
          table,
          rows: count,
          sum: sumBytes(sum, 0).toString('hex'),
        }))
        .sort((a, b) => (a.table < b.table ? -1 : 1));
    },
    restored: (next) => createFeedModel(next, last),
  };
}
