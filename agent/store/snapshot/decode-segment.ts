import { zstdDecompressSync } from 'node:zlib';
import { Unpackr } from 'msgpackr';
import { z } from 'zod';
import { ROW_MAX_BYTES } from '../../../sync/protocol/feed.ts';
import {
  SEGMENT_MAX_BYTES,
  SEGMENT_ROWS,
  type SegmentTrailer,
  segmentTrailerSchema,
} from '../../../sync/protocol/snapshot.ts';
import { err, ok, type Result } from '../../contract/index.ts';

/** A row of a segment: key, version, body. */
export type SegmentRow = readonly [key: string, ver: number, body: string];

export interface Segment {
  readonly rows: readonly SegmentRow[];
  readonly trailer: SegmentTrailer;
}

/**
 * Reads a segment's bytes: zstd over MessagePack, rows and then the trailer (see snapshot.ts of the protocol). Whether
 * the rows are those that the trailer's hash speaks of is found out from the database that took them.
 * @returns or why it is no whole segment
 */
export function decodeSegment(bytes: Uint8Array): Result<Segment, string> {
  const rows: SegmentRow[] = [];
  let last: unknown;
  let wrong: string | undefined;

  function take(value: unknown): undefined | false {
    if (last !== undefined) wrong = 'something follows the trailer';
    else if (!Array.isArray(value)) last = value;
    else if (isRow(value)) rows.push(value);
    else wrong = `row ${rows.length + 1} is not [key, version, body]`;
    if (rows.length > SEGMENT_ROWS) wrong = `more than ${SEGMENT_ROWS} rows`;
    return wrong === undefined ? undefined : false;
  }

  try {
    const packed = zstdDecompressSync(bytes, { maxOutputLength: SEGMENT_MAX_BYTES });
    // Bodies are texts of a few hundred bytes; none of them needs the extensions of the format.
    new Unpackr({ useRecords: false, int64AsType: 'number' }).unpackMultiple(packed, take);
  } catch (error) {
    // Both readers throw at the first byte that does not fit, which is the answer: nothing of the segment counts.
    return err(`cut off or damaged: ${error instanceof Error ? error.message : 'unreadable'}`);
  }
  if (wrong !== undefined) return err(wrong);
  const trailer = segmentTrailerSchema.safeParse(last);
  if (!trailer.success) return err(`no trailer: ${z.prettifyError(trailer.error)}`);
  if (trailer.data.rows !== rows.length)
    return err(`${rows.length} rows, the trailer says ${trailer.data.rows}`);
  return ok({ rows, trailer: trailer.data });
}

function isRow(value: readonly unknown[]): value is SegmentRow {
  const [key, ver, body] = value;
  return (
    value.length === 3 &&
    typeof key === 'string' &&
    key.length > 0 &&
    Number.isSafeInteger(ver) &&
    Number(ver) > 0 &&
    typeof body === 'string' &&
    body.length <= ROW_MAX_BYTES
  );
}
