import { z } from 'zod';
import { evaluatedLineSchema, evaluationSchema } from '../../agent/contract/evaluation.ts';
import {
  ID_MAX_LENGTH,
  memberIdSchema,
  returnIdSchema,
  ruleIdSchema,
  saleIdSchema,
  storeIdSchema,
  tillIdSchema,
} from '../../agent/contract/ids.ts';
import { pointsLotSchema } from '../../agent/contract/member.ts';
import { amountMinorSchema, currencySchema } from '../../agent/contract/money.ts';
import { textSchema } from '../../agent/contract/text.ts';
import { daySchema, instantSchema } from '../../agent/contract/time.ts';
import { SALE_MAX_MOVEMENTS, undoneSchema } from '../../agent/contract/undone.ts';

/** Bytes of a sale as headquarters answers it, at most: 10,000 lines have room. */
export const SALE_REPLY_MAX_BYTES = 16 * 1024 * 1024;
/** Lines of a sale, at most. */
const LINES_MAX = 10_000;
/** Returns of one sale that are told, at most; a sale with more takes no further one away from its own till. */
export const SALE_MAX_RETURNS = 1_000;
/**
 * A claim ends by itself so long after it was made, in milliseconds, where its till neither booked nor gave it back: a
 * till that is still away by then cannot have its shopper waiting.
 */
export const RETURN_CLAIM_MS = 24 * 60 * 60_000;

/** Units by line; lines that are not named are 0. */
const unitsSchema = z.record(z.string().min(1).max(ID_MAX_LENGTH), z.int().min(0).max(LINES_MAX));

/** A return that headquarters has booked. */
export const bookedReturnSchema = z.object({
  returnId: returnIdSchema,
  tillId: tillIdSchema,
  undone: undoneSchema,
});

export const findSaleRequestSchema = z.strictObject({ saleId: saleIdSchema });

/** A sale as far as returns need it: figures, articles and lots, of the member the id alone. */
export const foundSaleSchema = z.object({
  saleId: saleIdSchema,
  tillId: tillIdSchema,
  storeId: storeIdSchema,
  at: instantSchema,
  businessDay: daySchema,
  referenceId: z.string().max(64),
  currency: currencySchema,
  ruleSetVersion: z.int().min(0),
  policyVersion: z.int().min(0),
  /** Who the member is today; null for guests. */
  memberId: memberIdSchema.nullable(),
  lines: z.array(evaluatedLineSchema).max(LINES_MAX),
  gifts: evaluationSchema.shape.gifts,
  /** Movements of points, with the lot where its facts are known. */
  movements: z
    .array(
      z.object({
        lotId: z.string().min(1).max(128),
        delta: z.int(),
        lot: pointsLotSchema.omit({ memberId: true, lotId: true, points: true }).optional(),
      }),
    )
    .max(SALE_MAX_MOVEMENTS),
  entitlements: z.array(z.string().max(32)),
  tierAfter: z.string().optional(),
  /** Codes that work once and were used. */
  couponsUsed: z.array(z.string()),
  /** Names of the rules that took something off. */
  names: z.record(z.string(), textSchema),
  /** The last business day on which goods may come back; absent = always. */
  returnUntil: daySchema.optional(),
  keptBecause: z.enum(['erased', 'rules-gone', 'not-reproduced']).optional(),
  returns: z.array(bookedReturnSchema).max(SALE_MAX_RETURNS),
});
export type FoundSale = z.infer<typeof foundSaleSchema>;

export const findSaleReplySchema = z.object({
  sale: foundSaleSchema.nullable(),
  /** Why there is none: headquarters never heard of it, its member was erased, or its content cannot be read. */
  reason: z.enum(['unknown', 'erased', 'unreadable']).optional(),
});

/** A till is about to take goods of a sale back. The same return id twice claims once. */
export const claimReturnRequestSchema = z.strictObject({
  returnId: returnIdSchema,
  saleId: saleIdSchema,
});
export const claimReturnReplySchema = z.object({
  /**
   * `granted`: no other till takes goods of this sale back until the return is booked or given up. `unknown`: headquarters
   * has not heard of the sale, so only its own till can tell. `claimed`: another till is at it. `booked`: a return with
   * this id was booked before.
   */
  state: z.enum(['granted', 'unknown', 'claimed', 'booked']),
  /** The till that is at it, or that booked. */
  tillId: tillIdSchema.optional(),
  /** Every return of the sale that headquarters has booked. */
  returns: z.array(bookedReturnSchema).max(SALE_MAX_RETURNS),
});
export type ClaimReturnReply = z.infer<typeof claimReturnReplySchema>;

export const releaseReturnRequestSchema = z.strictObject({ returnId: returnIdSchema });
export const releaseReturnReplySchema = z.object({ released: z.boolean() });

const pointsSchema = z.record(z.string().min(1).max(32), z.int().min(0));

/** What the kept goods come to, see `KeptTarget` of the engine. */
export const keptTargetSchema = z.object({
  mode: z.enum(['keep', 'recompute']),
  payableMinor: amountMinorSchema,
  earned: pointsSchema,
  spent: pointsSchema,
  gifts: z.array(z.object({ ruleId: z.string(), sku: z.string(), qty: z.int().min(0) })),
  uses: z.array(
    z.object({
      ruleId: ruleIdSchema,
      counted: z.boolean(),
      budgetId: z.string().nullable(),
      amountMinor: amountMinorSchema,
    }),
  ),
  lost: z.array(z.object({ ruleId: z.string(), amountMinor: amountMinorSchema })),
});

export const keptGoodsRequestSchema = z.strictObject({
  saleId: saleIdSchema,
  /** Units that came back before this return, and with it. */
  before: unitsSchema,
  after: unitsSchema,
});
export const keptGoodsReplySchema = z.object({
  before: keptTargetSchema,
  after: keptTargetSchema,
});
export type KeptGoodsReply = z.infer<typeof keptGoodsReplySchema>;
