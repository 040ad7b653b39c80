import { z } from 'zod';
import { checkRecordFields } from '../../agent/contract/check-record.ts';
import { cursorSchema, ROW_MAX_BYTES } from './feed.ts';
import { BUCKETS, DIGEST_BYTES, NODE_BYTES } from './tree-shape.ts';

/**
 * The full-volume check of one table between a till and headquarters, in at most four questions of the till:
 *
 * 1. `roots`: the till's roots; headquarters names the tables that differ, each with its sums of level 1.
 * 2. `nodes`: the till's sums of level 2 below the nodes of level 1 that differ; the answer names those of level 2 that
 *    differ, with headquarters' sums of level 3 below them.
 * 3. `nodes`: the till's sums of level 4 below the nodes of level 3 that differ; the answer names the buckets that differ,
 *    with the digests of headquarters' rows in them.
 * 4. `rows`: the digests that the till lacks, and its own rows that headquarters lacks; the answer is the rows as they
 *    should be.
 *
 * Headquarters answers with what it holds at that moment, the till with what the feed has told it. What changes meanwhile
 * differs too and costs bytes; it never counts as drift, because the last answer leaves out every row whose change lies
 * behind the till's place in the feed. Body and answer are MessagePack in the form of pack-check.ts, for the sums are binary.
 */
export const CHECK_PATH = '/v1/checks';
/** Content type of both. */
export const CHECK_FORM = 'application/msgpack';
/** Bytes of a question, at most: the sums of all buckets with room. */
export const CHECK_REQUEST_MAX_BYTES = 4 * 1024 * 1024;
/** Bytes of an answer, at most. */
export const CHECK_REPLY_MAX_BYTES = 8 * 1024 * 1024;
/** Rows that one `rows` question may name, wanted and own together; more are asked for in further questions. */
export const CHECK_ROWS_MAX = 16_384;
/** Bytes of bodies in one answer, at most; what does not fit is asked for again. At least one row is sent. */
export const CHECK_ROWS_MAX_BYTES = CHECK_REPLY_MAX_BYTES - 2 * ROW_MAX_BYTES;

const bytes = (most: number) =>
  z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length <= most, {
    error: `expected at most ${most} bytes`,
  });
const table = z.string().min(1).max(32);

export const checkRequestSchema = z.discriminatedUnion('t', [
  z.strictObject({
    t: z.literal('roots'),
    /** table, rows, sum (16 bytes) */
    roots: z.array(z.tuple([table, z.int().min(0), bytes(DIGEST_BYTES)])).max(32),
  }),
  z.strictObject({
    t: z.literal('nodes'),
    table,
    level: z.union([z.literal(2), z.literal(4)]),
    /** Nodes of the level above, each 2 bytes big-endian, rising. */
    parents: bytes(2 * (BUCKETS / 16)),
    /** The till's sums of their 16 children each, in order. */
    sums: bytes(NODE_BYTES * BUCKETS),
  }),
  z.strictObject({
    t: z.literal('rows'),
    table,
    cursor: cursorSchema,
    /** Buckets that the wanted digests lie in, 2 bytes each, rising. */
    buckets: bytes(2 * BUCKETS),
    /** First 8 bytes of digests that the till lacks. */
    wanted: bytes(NODE_BYTES * CHECK_ROWS_MAX),
    /** Keys of the till's rows whose digest headquarters did not name. */
    own: z.array(z.string().min(1).max(128)).max(CHECK_ROWS_MAX),
  }),
]);
export type CheckRequest = z.infer<typeof checkRequestSchema>;

export const rootsReplySchema = z.strictObject({
  /** Tables that differ, with headquarters' rows and its 16 sums of level 1. Tables that the till did not name count as empty. */
  differ: z.array(z.tuple([table, z.int().min(0), bytes(NODE_BYTES * 16)])).max(32),
});
export type RootsReply = z.infer<typeof rootsReplySchema>;

export const nodesReplySchema = z.strictObject({
  /** Nodes of the asked level that differ, 2 bytes each, rising. */
  differ: bytes(2 * BUCKETS),
  /** Level 2: headquarters' sums of level 3 below them. Empty for level 4. */
  sums: bytes(NODE_BYTES * BUCKETS),
  /** Level 4: headquarters' rows in each of those buckets, 4 bytes each ... */
  counts: bytes(4 * BUCKETS),
  /** ... and the first 8 bytes of their digests, in order of the bucket. */
  digests: bytes(CHECK_REPLY_MAX_BYTES),
});
export type NodesReply = z.infer<typeof nodesReplySchema>;

export const rowsReplySchema = z.strictObject({
  /** Rows as the feed has told them up to the till's place, body null = gone. Version 0 = gone so long that it is forgotten. */
  rows: z
    .array(
      z.tuple([
        z.string().min(1).max(128),
        z.int().min(0),
        z.string().max(ROW_MAX_BYTES).nullable(),
      ]),
    )
    .max(2 * CHECK_ROWS_MAX),
  /** Rows that changed behind the till's place: the feed brings them. */
  later: z.int().min(0),
  /** Whether something did not fit; the till asks again for what it still lacks. */
  more: z.boolean(),
});
export type RowsReply = z.infer<typeof rowsReplySchema>;

/** The answer to a question of this kind. */
export type CheckReply<T extends CheckRequest['t']> = {
  readonly roots: RootsReply;
  readonly nodes: NodesReply;
  readonly rows: RowsReply;
}[T];

/** Kinds of difference, from the till's side. `damaged`: the same version with another content, or a version too high. */
export const driftKindSchema = z.enum(['missing', 'extra', 'stale', 'damaged']);
export type DriftKind = z.infer<typeof driftKindSchema>;

/** Rows of drift that a till names in one audit row, at most; the rest follow in further ones. */
export const AUDITED_ROWS_MAX = 100;
/** Action of the audit row that names repaired rows. */
export const DRIFT_AUDIT_ACTION = 'drift-repaired';
/** Detail of that audit row. Keys and versions only: no content of a row. */
export const driftAuditSchema = z.strictObject({
  table,
  timeline: z.string(),
  pos: z.int().min(0),
  /** key, kind, version here before, version of headquarters (0 = none) */
  rows: z
    .array(z.tuple([z.string(), driftKindSchema, z.int().min(0), z.int().min(0)]))
    .max(AUDITED_ROWS_MAX),
});

/** One check that has ended. */
export const checkRecordSchema = z.strictObject(checkRecordFields);
export type CheckRecord = z.infer<typeof checkRecordSchema>;

/** Failure of a walk that found more than is put right row by row: a copy has healed it or is to come, or a person is to say. */
export const LARGE_DRIFT = 'drift-large';

/** Records of checks that a till keeps. */
export const RECORDS_KEPT = 200;
/** Rows of which a till keeps both images, since they differ again after their repair. */
export const STAYING_MAX = 100;

/** A till's own word on its checks, kept by headquarters for the fleet view. */
export const checkReportSchema = z.strictObject({
  records: z.array(checkRecordSchema).min(1).max(50),
});
