import { z } from 'zod';
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
