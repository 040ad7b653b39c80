import { createHash } from 'node:crypto';
import { zstdCompressSync } from 'node:zlib';
import { Packr } from 'msgpackr';
import { rowHash } from '../../sync/protocol/feed-hash.ts';
import { SEGMENT_ROWS, type SegmentTrailer } from '../../sync/protocol/snapshot.ts';

/** A row as headquarters has it: key, version, body. */
export type SourceRow = readonly [key: string, ver: number, body: string];

/** What headquarters would send as a snapshot, by table; rows in order of the key. */
export type SnapshotSource = Readonly<Record<string, readonly SourceRow[]>>;

/** The bytes of one segment, with a trailer that fits unless `more` says otherwise. */
export function packSegment(
  table: string,
  rows: readonly SourceRow[],
  more: Partial<SegmentTrailer> = {},
): Uint8Array {
  const packr = new Packr({ useRecords: false });
  const hash = createHash('sha256');
  for (const [key, ver, body] of rows) hash.update(rowHash([table, key, ver, body]));
  const trailer: SegmentTrailer = {
    table,
    rows: rows.length,
    lastKey: rows.at(-1)?.[0] ?? '',
    done: true,
    hash: hash.digest('hex'),
    ...more,
  };
  return zstdCompressSync(Buffer.concat([...rows, trailer].map((one) => packr.pack(one))));
}

/** The segment of `table` after a key, as headquarters would answer it, and whether the table ends with it. */
export function segmentOf(
  source: SnapshotSource,
  { table, after }: { table: string; after: string },
  maxRows = SEGMENT_ROWS,
): Uint8Array {
  const left = (source[table] ?? []).filter(
    ([key]) => Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0,
  );
  const rows = left.slice(0, maxRows);
  return packSegment(table, rows, {
    lastKey: rows.at(-1)?.[0] ?? after,
    done: rows.length === left.length,
  });
}
