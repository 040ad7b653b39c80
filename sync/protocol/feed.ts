import { z } from 'zod';
import { memberIdSchema, staffIdSchema, storeIdSchema } from '../../agent/contract/ids.ts';
import { hashSchema } from '../../agent/contract/ledger.ts';
import { pointsLotSchema } from '../../agent/contract/member.ts';
import { staffSchema } from '../../agent/contract/staff.ts';
import { instantSchema } from '../../agent/contract/time.ts';
import { tableRootSchema } from './table-root.ts';

/** Rows in one page, at most. A sequencer batch is never larger, so that a page can always end at a mark. */
export const PAGE_MAX_ROWS = 500;
/** Bytes of one page's JSON that a till reads, at most; a bigger one is refused whole. */
export const PAGE_MAX_BYTES = 8 * 1024 * 1024;
/** Bytes of one row's body, at most: a member with 500 tags has room. */
export const ROW_MAX_BYTES = 128 * 1024;
/** A stream says that it is alive so often, in milliseconds. */
export const HEARTBEAT_MS = 1_000;
/** A till takes a stream for dead after so long without a frame, in milliseconds. */
export const SILENCE_MAX_MS = 2_500;
/** Longest wait of a long poll, in milliseconds. */
export const LONG_POLL_MS = 20_000;
/** Tombstones and marks are kept so long; a till that was away longer takes a snapshot. */
export const TOMBSTONES_KEPT_DAYS = 45;

/**
 * What the feed carries, the most urgent first: within a page a till applies rows in this order.
 * `points`: one member's whole account. `document`: that a signed document exists; its bytes are fetched by themselves.
 * `pass-issuer`: who certifies members' passes; `denied-key`: a key of a pass that counts no more.
 * `face`: a member's sealed template (agent/contract/face-facts.ts) by its id; that it goes means that its key is destroyed.
 */
export const FEED_TABLES = [
  'points',
  'member',
  'staff',
  'document',
  'store',
  'setting',
  'face',
  'denied-key',
  'pass-issuer',
  'tag',
  'article',
] as const;
export type FeedTable = (typeof FEED_TABLES)[number];

/** The scope of rows that every till gets. The other scopes are the ids of stores. */
export const EVERY_STORE = '*';

/**
 * Where a till is in the feed: a number of the sequencer and the chain value that stood there, so that the same number
 * with other content (HQ restored from a backup) is noticed. `timeline` is new whenever HQ was restored.
 */
export const cursorSchema = z.strictObject({
  timeline: z.string().min(8).max(64),
  pos: z.int().min(0),
  chain: hashSchema,
});
export type Cursor = z.infer<typeof cursorSchema>;

/**
 * One row as it travels: table, key, version, body. The body is the JSON text as HQ keeps it, so that a till stores and
 * hashes what was sent and keeps fields that it does not know; `null` = the row is gone (tombstone).
 * A row counts only where its version is above the one that the till has.
 */
export const feedRowSchema = z.tuple([
  z.string().min(1).max(32),
  z.string().min(1).max(128),
  z.int().min(1),
  z.string().max(ROW_MAX_BYTES).nullable(),
]);
export type FeedRow = z.infer<typeof feedRowSchema>;

/** Rows of (from, to] in one till's scope, one for each key at most. Applied in one go with the cursor `to`. */
export const pageSchema = z.strictObject({
  from: cursorSchema,
  to: cursorSchema,
  rows: z.array(feedRowSchema).max(PAGE_MAX_ROWS),
  count: z.int().min(0),
  /** See `pageHash`. */
  hash: hashSchema,
  /** `to` was the head when the page was read: having applied it the till holds exactly what HQ held then. */
  exact: z.boolean(),
  /**
   * Of an exact page for tills from protocol 4 on: the roots of the tables whose rows are in it, and in the first page of a
   * stream or poll those of all tables, as they are at `to`. Part of the hash.
   */
  roots: z.array(tableRootSchema).max(32).optional(),
});
export type Page = z.infer<typeof pageSchema>;

/** One line of a till's stream. */
export const streamFrameSchema = z.discriminatedUnion('t', [
  z.strictObject({ t: z.literal('page'), page: pageSchema }),
  /** Urgent rows ahead of their turn while a till catches up; they come again in their page. No cursor moves. */
  z.strictObject({ t: z.literal('express'), rows: z.array(feedRowSchema).max(PAGE_MAX_ROWS) }),
  z.strictObject({ t: z.literal('beat'), head: cursorSchema, at: instantSchema }),
  /** HQ ends the stream: the till acts by the code (see hq-error.ts) and comes again. */
  z.strictObject({ t: z.literal('end'), code: z.string().max(64) }),
]);
export type StreamFrame = z.infer<typeof streamFrameSchema>;

/** Answer of a poll: a page, or only the head where nothing came in time. */
export const pollReplySchema = z.strictObject({
  page: pageSchema.nullable(),
  head: cursorSchema,
  at: instantSchema,
});
export type PollReply = z.infer<typeof pollReplySchema>;

/** Body of a `points` row: a member's whole account. */
export const pointsAccountSchema = z.object({
  memberId: memberIdSchema,
  lots: z.array(pointsLotSchema.omit({ memberId: true })).max(2_000),
  /**
   * Up to which ledger entry each till's movements are in `lots`, by `tillId:incarnation`; a till adds its own later
   * movements again, so that what it sold is neither lost nor counted twice.
   */
  booked: z.record(z.string(), z.int().min(0)),
});
export type PointsAccount = z.infer<typeof pointsAccountSchema>;

/** Body of a `staff` row. */
export const staffRowSchema = staffSchema.extend({
  staffId: staffIdSchema,
  /** argon2id in PHC string form. */
  pinHash: z.string().min(20).max(300),
  /** null = works in every store. */
  storeIds: z.array(storeIdSchema).max(500).nullable(),
});

/** Body of a `document` row: the key is `kind`. */
export const documentRowSchema = z.object({
  kind: z.enum(['rule-set', 'policy']),
  version: z.int().min(1),
  sizeBytes: z.int().min(1),
  /** SHA-256 of the signed document's bytes. */
  sha256: hashSchema,
});
