import { z } from 'zod';
import { hashSchema } from '../../agent/contract/ledger.ts';
import { cursorSchema } from './feed.ts';

/** Rows of one segment: what is fetched, checked and, after a cut, fetched again. */
export const SEGMENT_ROWS = 65_536;
/** Bytes of a segment after decompression, at most. */
export const SEGMENT_MAX_BYTES = 256 * 1024 * 1024;

/**
 * A snapshot is read in order of the key while changes go on: rows are as HQ has them when their segment is read, and
 * the feed from `start` on brings the rest, newer versions winning. So it survives a restart of HQ, and any segment can
 * be fetched again.
 */
export const snapshotStartSchema = z.strictObject({
  start: cursorSchema,
  tables: z.array(z.strictObject({ table: z.string().max(32), rows: z.int().min(0) })).max(32),
});
export type SnapshotStart = z.infer<typeof snapshotStartSchema>;

/** Which segment: rows of `table` whose key comes after `after` (in bytes of UTF-8), at most {@link SEGMENT_ROWS}. */
export const segmentQuerySchema = z.strictObject({
  table: z.string().min(1).max(32),
  after: z.string().max(128).default(''),
  timeline: z.string().min(8).max(64),
});

/**
 * A segment's bytes: zstd over a MessagePack stream of arrays `[key, version, body]`, one for each row in order of the
 * key, ended by one map: this trailer. Without a trailer that fits, nothing of the segment counts.
 */
export const segmentTrailerSchema = z.strictObject({
  table: z.string(),
  rows: z.int().min(0),
  lastKey: z.string(),
  /** Whether nothing follows in this table. */
  done: z.boolean(),
  /** SHA-256 over the row hashes (see `rowHash`) in order. */
  hash: hashSchema,
});
export type SegmentTrailer = z.infer<typeof segmentTrailerSchema>;
