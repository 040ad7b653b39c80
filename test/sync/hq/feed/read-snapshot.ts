import { zstdDecompressSync } from 'node:zlib';
import { unpackMultiple } from 'msgpackr';
import type { HqDatabase } from '../../../../sync/hq/database/database.ts';
import {
  createSnapshotReader,
  type SegmentLimits,
  type SnapshotReader,
} from '../../../../sync/hq/feed/create-snapshot-reader.ts';
import type { Cursor, FeedRow } from '../../../../sync/protocol/feed.ts';
import {
  SEGMENT_MAX_BYTES,
  SEGMENT_ROWS,
  type SegmentTrailer,
  segmentTrailerSchema,
} from '../../../../sync/protocol/snapshot.ts';

/** A segment as a till unpacks it. */
export async function readSegment(
  reader: SnapshotReader,
  query: { storeId: string; table: string; after: string; protocol?: number },
): Promise<{ rows: FeedRow[]; trailer: SegmentTrailer; sizeBytes: number }> {
  const parts: Uint8Array[] = [];
  for await (const part of reader.readSegment({ protocol: 2, ...query })) parts.push(part);
  const bytes = zstdDecompressSync(Buffer.concat(parts));
  const values = unpackMultiple(bytes);
  const trailer = segmentTrailerSchema.parse(values.pop());
  const rows = (values as [string, number, string][]).map(
    ([key, ver, body]): FeedRow => [query.table, key, ver, body],
  );
  return { rows, trailer, sizeBytes: bytes.length };
}

/** A whole snapshot of a store. */
export async function readSnapshot(
  db: HqDatabase,
  storeId: string,
  limits: SegmentLimits = { maxRows: SEGMENT_ROWS, maxBytes: SEGMENT_MAX_BYTES },
): Promise<{ start: Cursor; rows: FeedRow[]; segments: number }> {
  const reader = createSnapshotReader({ db, limits });
  const { start, tables } = await reader.start(storeId, 2);
  const rows: FeedRow[] = [];
  let segments = 0;
  for (const { table } of tables) {
    for (let after = '', done = false; !done; segments++) {
      const segment = await readSegment(reader, { storeId, table, after });
      rows.push(...segment.rows);
      after = segment.trailer.lastKey;
      done = segment.trailer.done;
    }
  }
  return { start, rows, segments };
}
