import { z } from 'zod';
import { entryFactsSchema } from '../../agent/contract/entry-facts.ts';
import { faceEnrolmentSchema, faceWithdrawalSchema } from '../../agent/contract/face-facts.ts';
import { memberIdSchema, staffIdSchema, tillIdSchema } from '../../agent/contract/ids.ts';
import { joinFactsSchema } from '../../agent/contract/join.ts';
import { hashSchema } from '../../agent/contract/ledger.ts';
import { instantSchema } from '../../agent/contract/time.ts';

/** Items in one upload, at most. */
export const UPLOAD_MAX_ITEMS = 200;
/** Bytes of one upload's JSON, at most. */
export const UPLOAD_MAX_BYTES = 4 * 1024 * 1024;
export const RECEIPT_SCHEMA = 'tillside/receipt/1';

const no = z.int().min(1);

/** An entry of the ledger as it goes up. */
export const uploadEntrySchema = z.strictObject({
  kind: z.literal('entry'),
  no,
  /** The canonical text that was hashed. */
  header: z.string().min(2).max(8_192),
  hash: hashSchema,
  /** base64 */
  sealed: z.string().max(2 * 1024 * 1024),
  /** The key of the sealed body (32 bytes, base64); null once erased. */
  key: z.string().max(64).nullable(),
  facts: entryFactsSchema,
});

/** An entry that the till wrote under a former incarnation of its database; booked beside the ledger, once. */
export const formerEntrySchema = uploadEntrySchema.extend({
  kind: z.literal('former'),
  incarnation: z.string().min(8).max(64),
});

/** One row of a till's outbox. `no` rises without a gap within an incarnation and is taken once. */
export const uploadItemSchema = z.discriminatedUnion('kind', [
  uploadEntrySchema,
  formerEntrySchema,
  z.strictObject({
    kind: z.literal('audit'),
    no,
    at: instantSchema,
    staffId: staffIdSchema.nullable(),
    action: z.string().max(64),
    detail: z.record(z.string(), z.unknown()),
  }),
  z.strictObject({ kind: z.literal('join'), no, join: joinFactsSchema }),
  /** A reservation that was not spent. */
  z.strictObject({ kind: z.literal('release'), no, allowanceId: z.string().min(1).max(128) }),
  z.strictObject({ kind: z.literal('face-enrolment'), no, enrolment: faceEnrolmentSchema }),
  z.strictObject({ kind: z.literal('face-withdrawal'), no, withdrawal: faceWithdrawalSchema }),
]);
export type UploadItem = z.infer<typeof uploadItemSchema>;

export const uploadRequestSchema = z.strictObject({
  incarnation: z.string().min(8).max(64),
  items: z.array(uploadItemSchema).min(1).max(UPLOAD_MAX_ITEMS),
});
export type UploadRequest = z.infer<typeof uploadRequestSchema>;

/** Payload of a signed receipt: what HQ holds, and what of it lies in a finished backup. */
export const receiptSchema = z.strictObject({
  tillId: tillIdSchema,
  incarnation: z.string().min(8).max(64),
  timeline: z.string().min(8).max(64),
  outboxNo: z.int().min(0),
  seq: z.int().min(0),
  hash: hashSchema,
  backedUpSeq: z.int().min(0),
  at: instantSchema,
});
export type Receipt = z.infer<typeof receiptSchema>;

export const uploadReplySchema = z.strictObject({
  /** A signed document with the schema {@link RECEIPT_SCHEMA} around a {@link receiptSchema}. */
  receipt: z.unknown(),
  /** Who the provisional members of this upload turned out to be. */
  joined: z.array(z.strictObject({ provisionalId: memberIdSchema, memberId: memberIdSchema })),
});
export type UploadReply = z.infer<typeof uploadReplySchema>;
