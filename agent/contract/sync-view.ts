import { z } from 'zod';
import { checkRecordFields } from './check-record.ts';
import { storeIdSchema, tillIdSchema } from './ids.ts';
import { textSchema } from './text.ts';
import { instantSchema } from './time.ts';

/** Why headquarters is out of reach or the till does not sync, in words and with what to do. */
export const syncReasonSchema = z.object({
  /** Stable, e.g. `network`, `captive-portal`, `till-revoked`. */
  code: z.string().max(64),
  text: textSchema,
  remedy: textSchema,
});
export type SyncReason = z.infer<typeof syncReasonSchema>;

/** Something that does not stop sync and that a person should know of. */
export const syncTroubleSchema = syncReasonSchema.extend({
  /** Which one and why, for IT. */
  detail: z.string(),
  since: instantSchema,
});
export type SyncTroubleView = z.infer<typeof syncTroubleSchema>;

/** One full-volume check that has ended. */
export const syncCheckSchema = z.object({
  ...checkRecordFields,
  /** What it found, in one sentence. */
  found: textSchema,
});
export type SyncCheckView = z.infer<typeof syncCheckSchema>;

/** Full-volume checks of this till: what runs, what was found. */
export const syncChecksSchema = z.object({
  /** `off`: headquarters is of an earlier version. */
  state: z.enum([
    'off',
    'making',
    'idle',
    'comparing',
    'walking',
    'repairing',
    'reloading',
    'scrubbing',
  ]),
  text: textSchema,
  /** Rows done and all, of what runs; `null` = unknown or nothing runs. */
  progress: z.object({ done: z.int().min(0), all: z.int().min(0) }).nullable(),
  /** Milliseconds that it will still take. */
  leftMs: z.number().nullable(),
  /** The last of each kind that ended without a failure. */
  lastWalk: syncCheckSchema.nullable(),
  lastScrub: syncCheckSchema.nullable(),
  lastLedger: syncCheckSchema.nullable(),
  /** Newest first. */
  history: z.array(syncCheckSchema).max(20),
  /** Rows that differ again after a repair. */
  staying: z.int().min(0),
});
export type SyncChecksView = z.infer<typeof syncChecksSchema>;

/**
 * A row that differs again although it was repaired, for IT. Of what it says only the fields that differ, masked: the
 * first character and the length of a text, numbers and flags as they are.
 */
export const stayingRowSchema = z.object({
  table: z.string(),
  key: z.string(),
  at: instantSchema,
  /** Versions; `null` = there is no such row. */
  verHere: z.int().min(0).nullable(),
  verThere: z.int().min(0).nullable(),
  /** By dotted name; `null` = the field is not there. */
  fields: z
    .array(
      z.object({ name: z.string(), here: z.string().nullable(), there: z.string().nullable() }),
    )
    .max(50),
});
export type StayingRowView = z.infer<typeof stayingRowSchema>;

/** Where this till stands with headquarters, as its sync page and the operator's tool show it. */
export const syncViewSchema = z.object({
  /** `stopped`: headquarters could be reached, but a person has to act before anything is synced. */
  state: z.enum(['not-configured', 'online', 'offline', 'stopped']),
  since: instantSchema,
  reason: syncReasonSchema.nullable(),
  troubles: z.array(syncTroubleSchema).max(20),
  /** What goes on as ever, and what has to wait, one sentence each. */
  works: z.array(textSchema).max(10),
  waits: z.array(textSchema).max(10),
  url: z.string().nullable(),
  transport: z.enum(['stream', 'long-poll', 'poll', 'none']),
  timeline: z.string().nullable(),
  /** Place in the feed, and headquarters' own when last heard. */
  pos: z.int().min(0),
  headPos: z.int().min(0).nullable(),
  lastHeardAt: instantSchema.nullable(),
  lastAppliedAt: instantSchema.nullable(),
  /** Rows that headquarters has yet to receive. */
  waiting: z.int().min(0),
  oldestWaitingAt: instantSchema.nullable(),
  /** The till's last ledger entry, the last one that headquarters signed for, and the last one in a finished backup. */
  ledgerSeq: z.int().min(0),
  receivedSeq: z.int().min(0),
  backedUpSeq: z.int().min(0),
  /** Headquarters' clock minus this till's, in milliseconds. */
  clockOffsetMs: z.number().nullable(),
  snapshot: z.object({
    state: z.enum(['none', 'loading', 'merging', 'done']),
    rowsDone: z.int().min(0),
    rowsAll: z.int().min(0),
  }),
  attempts: z.int().min(0),
  nextAttemptAt: instantSchema.nullable(),
  /** Absent where headquarters is not set up. */
  checks: syncChecksSchema.optional(),
});
export type SyncView = z.infer<typeof syncViewSchema>;

/** Longest registration ticket that a screen may hand in, in characters; one with its certificate has about 2,000. */
export const TICKET_TEXT_MAX_CHARS = 32_768;

/** What became of a registration by a ticket. */
export const tillRegistrationSchema = z.discriminatedUnion('registered', [
  /** The till starts again and connects. */
  z.object({
    registered: z.literal(true),
    tillId: tillIdSchema,
    storeId: storeIdSchema,
    storeName: textSchema,
  }),
  /** Nothing has changed. */
  z.object({ registered: z.literal(false), reason: syncReasonSchema }),
]);
export type TillRegistration = z.infer<typeof tillRegistrationSchema>;
