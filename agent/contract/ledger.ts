import { z } from 'zod';
import {
  entryIdSchema,
  evaluationIdSchema,
  returnIdSchema,
  saleIdSchema,
  staffIdSchema,
  storeIdSchema,
  tillIdSchema,
} from './ids.ts';
import {
  amountMinorSchema,
  currencySchema,
  minorSchema,
  pointsBalanceSchema,
  pointsSchema,
} from './money.ts';
import { freeTextSchema, textSchema } from './text.ts';
import { daySchema, instantSchema } from './time.ts';

/** SHA-256 as lower-case hex. */
export const hashSchema = z.string().regex(/^[0-9a-f]{64}$/);
/** The hash before the first entry of a till's chain. */
export const GENESIS_HASH = '0'.repeat(64);

export const entryKindSchema = z.enum(['sale', 'void', 'return', 'override']);
export type EntryKind = z.infer<typeof entryKindSchema>;

/** Why an entry needs a person to look at it; the fact itself is booked all the same. */
export const entryExceptionSchema = z.enum([
  'late-commit',
  'commit-after-void',
  'clock-set-back',
  /** Another amount was paid than was due, as where cash is rounded; the sealed body has both. */
  'payment-differs',
]);
export type EntryException = z.infer<typeof entryExceptionSchema>;

/**
 * What the hash chain covers: figures and references, no personal data. The decision's input is bound by
 * `commitment` = SHA-256 over salt and canonical JSON of the sealed body, which lies beside the entry encrypted
 * under the key named by `keyId`; erasing that key leaves the chain whole.
 */
export const entryHeaderSchema = z.object({
  v: z.literal(1),
  seq: z.int().min(1),
  entryId: entryIdSchema,
  kind: entryKindSchema,
  tillId: tillIdSchema,
  incarnation: z.string().min(8).max(64),
  storeId: storeIdSchema,
  at: instantSchema,
  businessDay: daySchema,
  staffId: staffIdSchema,
  saleId: saleIdSchema,
  /** The return's own id, where the entry is one. */
  returnId: returnIdSchema.nullable(),
  ruleSetVersion: z.int().min(0),
  policyVersion: z.int().min(0),
  currency: currencySchema,
  listMinor: minorSchema,
  discountMinor: minorSchema,
  /** What was to be paid; negative for a refund. */
  payableMinor: minorSchema,
  pointsEarned: pointsSchema,
  pointsSpent: pointsSchema,
  exception: entryExceptionSchema.nullable(),
  keyId: z.string().min(8).max(64),
  commitment: hashSchema,
  prevHash: hashSchema,
});
export type EntryHeader = z.infer<typeof entryHeaderSchema>;

/** Life of an evaluation. `EVALUATED` binds nobody; `HELD` is reserved durably until its deadline. */
export const evaluationStateSchema = z.enum([
  'EVALUATED',
  'HELD',
  'COMMITTED',
  'VOIDED',
  'EXPIRED',
]);
export type EvaluationState = z.infer<typeof evaluationStateSchema>;

export const paymentSchema = z.object({
  /** What the shopper paid, in minor units. */
  paidMinor: amountMinorSchema,
  at: instantSchema.optional(),
  /** The terminal's or cash drawer's own reference; never a card number. Digits of a payment code are masked. */
  reference: freeTextSchema(64).optional(),
});

export const holdRequestSchema = z.object({
  /** As answered by evaluate: proves that the POS and the till mean the same basket. */
  basketHash: hashSchema,
  staffId: staffIdSchema.optional(),
});
export const holdReplySchema = z.object({
  evaluationId: evaluationIdSchema,
  state: evaluationStateSchema,
  payableMinor: amountMinorSchema,
  pointsReserved: z.int().min(0),
  couponsReserved: z.array(z.string()),
  deadline: instantSchema,
});
export type HoldReply = z.infer<typeof holdReplySchema>;

export const commitRequestSchema = z.object({
  basketHash: hashSchema,
  /** The POS's receipt number. Digits of a payment code are masked before it is kept or printed. */
  referenceId: freeTextSchema(64).min(1),
  staffId: staffIdSchema.optional(),
  /** Proof of payment: with it a late commit is booked as an exception instead of being refused. */
  payment: paymentSchema.optional(),
});
export const voidRequestSchema = z.object({
  reason: freeTextSchema(200).min(1),
  staffId: staffIdSchema.optional(),
});

/** Lines a receipt printer can print as they are, in both languages. */
export const receiptSchema = z.object({ lines: z.array(textSchema).max(2_000) });

/** Answer of commit, void and return: stored with the entry and repeated for the same key. */
export const entryReplySchema = z.object({
  kind: entryKindSchema,
  state: evaluationStateSchema,
  evaluationId: evaluationIdSchema.optional(),
  saleId: saleIdSchema,
  returnId: returnIdSchema.optional(),
  entryId: entryIdSchema,
  seq: z.int().min(1),
  hash: hashSchema,
  at: instantSchema,
  payableMinor: minorSchema,
  pointsEarned: pointsSchema,
  pointsSpent: pointsSchema,
  /** Balance after the entry; absent for guests. */
  pointsBalance: pointsBalanceSchema.optional(),
  exception: entryExceptionSchema.nullable(),
  receipt: receiptSchema,
});
export type EntryReply = z.infer<typeof entryReplySchema>;
