import { z } from 'zod';
import {
  evaluationIdSchema,
  lineIdSchema,
  returnIdSchema,
  ruleIdSchema,
  saleIdSchema,
  skuSchema,
  staffIdSchema,
  storeIdSchema,
  tillIdSchema,
} from './ids.ts';
import { commitRequestSchema, entryReplySchema, hashSchema } from './ledger.ts';
import { amountMinorSchema, currencySchema, minorSchema, pointsBalanceSchema } from './money.ts';
import { freeTextSchema, textSchema } from './text.ts';
import { daySchema, instantSchema } from './time.ts';

export const RETURN_MAX_LINES = 10_000;
export const RETURN_MAX_GIFTS = 200;

const units = z.int().min(1).max(10_000);

/** Units of the sale's lines that come back. */
export const returnedLinesSchema = z
  .array(
    z.object({
      lineId: lineIdSchema,
      qty: units,
      /** The article in the cashier's hand; refused where another one was sold. Absent = not compared. */
      sku: skuSchema.optional(),
    }),
  )
  .min(1)
  .max(RETURN_MAX_LINES);

/** Pieces of gifts that come back with the goods; a piece that is due and not named here is paid for. */
export const returnedGiftsSchema = z
  .array(z.object({ sku: skuSchema, qty: units }))
  .max(RETURN_MAX_GIFTS);

export const returnRequestSchema = z.object({
  returnId: returnIdSchema.describe(
    'Chosen by the POS, and never twice in the whole chain: the key under which a return is booked once, whichever till books it. The same return sent again changes nothing; another one under a known id is refused.',
  ),
  saleId: saleIdSchema,
  lines: returnedLinesSchema,
  gifts: returnedGiftsSchema.optional(),
  /** As answered by the quote: the return is refused where it would pay another amount. Absent = not compared. */
  quoteHash: hashSchema.optional(),
  referenceId: freeTextSchema(64).min(1),
  reason: freeTextSchema(200).min(1),
  staffId: staffIdSchema.optional(),
});
export type ReturnRequest = z.infer<typeof returnRequestSchema>;

/** Where the sale was found: at this till, or at headquarters because another till booked it. */
export const saleOriginSchema = z.enum(['this-till', 'headquarters']);

/** A sale that goods may come back to. */
export const soldSaleSchema = z.object({
  saleId: saleIdSchema,
  origin: saleOriginSchema,
  at: instantSchema,
  storeId: storeIdSchema,
  tillId: tillIdSchema,
  referenceId: z.string(),
  currency: currencySchema,
  /** Absent for guests and where the member was erased. */
  maskedName: z.string().optional(),
  payableMinor: amountMinorSchema,
  /** The last business day on which goods may come back; absent = always. */
  returnUntil: daySchema.optional(),
  lines: z.array(
    z.object({
      lineId: lineIdSchema,
      sku: skuSchema,
      qty: units,
      unitsLeft: z.int().min(0),
      listMinor: amountMinorSchema,
      payableMinor: amountMinorSchema,
      /** Names of the benefits that took something off. */
      benefits: z.array(textSchema),
    }),
  ),
  gifts: z.array(z.object({ ruleId: ruleIdSchema, sku: skuSchema, qty: z.int().min(1) })),
});
export type SoldSale = z.infer<typeof soldSaleSchema>;

/** Most sales that one receipt number finds: a POS may count from one again every day. */
export const SALES_FOUND_MAX = 10;

/** A sale of this till as its receipt's number finds it; the goods are told by its id. */
export const foundSaleSchema = soldSaleSchema.pick({
  saleId: true,
  at: true,
  referenceId: true,
  currency: true,
  maskedName: true,
  payableMinor: true,
});
export type FoundSale = z.infer<typeof foundSaleSchema>;

export const returnQuoteRequestSchema = z.object({
  saleId: saleIdSchema,
  lines: returnedLinesSchema,
  gifts: returnedGiftsSchema.optional(),
});
export type ReturnQuoteRequest = z.infer<typeof returnQuoteRequestSchema>;

/** Something that the member would not have any more, said before the money moves. */
export const returnLossSchema = z.object({
  code: z.enum([
    /** Points that the sale earned are taken back. */
    'points-earned',
    /** The points balance becomes negative: later earning pays it off first. */
    'points-owed',
    /** The kept goods no longer reach the benefit, so its discount on them is taken back. */
    'benefit',
    /** A gift is to be brought back or paid for. */
    'gift',
    'tier',
    'entitlement',
    /** A coupon that works once stays used. */
    'coupon-used',
  ]),
  ruleId: ruleIdSchema.optional(),
  amountMinor: amountMinorSchema.optional(),
  points: z.int().min(0).optional(),
  text: textSchema,
});
export type ReturnLoss = z.infer<typeof returnLossSchema>;

/** What a return would pay and take, worked out without booking anything. */
export const returnQuoteSchema = z.object({
  saleId: saleIdSchema,
  origin: saleOriginSchema,
  currency: currencySchema,
  /** Whether the kept goods were computed again, because a rule of the sale asks for it. */
  mode: z.enum(['keep', 'recompute']),
  /** Why they were not although a rule asks for it. */
  keptBecause: textSchema.optional(),
  lines: z.array(
    z.object({
      lineId: lineIdSchema,
      sku: skuSchema,
      units,
      listMinor: amountMinorSchema,
      /** The stored paid share of the units. */
      paidMinor: amountMinorSchema,
    }),
  ),
  /** The stored paid share of all the units. */
  paidMinor: amountMinorSchema,
  /** Discount on the kept goods that goes with the goods returned; 0 where it is kept. */
  takenBackMinor: amountMinorSchema,
  /** Discount that the kept goods gain, or that an earlier return had taken back; absent = 0. */
  addedMinor: amountMinorSchema.min(1).optional(),
  /** To be paid for gifts that do not come back. */
  giftsMinor: amountMinorSchema,
  /** What the shopper gets: `paidMinor` less the two and with what is added, never negative. */
  refundMinor: amountMinorSchema,
  pointsToClawBack: z.int().min(0),
  pointsToGiveBack: z.int().min(0),
  /** Absent for guests. */
  pointsBalance: z.object({ before: pointsBalanceSchema, after: pointsBalanceSchema }).optional(),
  gifts: z.array(
    z.object({
      ruleId: ruleIdSchema,
      sku: skuSchema,
      /** Pieces due back, and of them the ones that do not come. */
      due: z.int().min(1),
      missing: z.int().min(0),
      /** To be paid for the missing ones. */
      payMinor: amountMinorSchema,
    }),
  ),
  losses: z.array(returnLossSchema),
  quoteHash: hashSchema,
});
export type ReturnQuote = z.infer<typeof returnQuoteSchema>;

/** Goods come back and others are bought, booked together or not at all. */
export const exchangeRequestSchema = z.object({
  return: returnRequestSchema,
  /** The held evaluation of the goods bought. */
  evaluationId: evaluationIdSchema,
  /** `payment.paidMinor` is what the shopper added to the refund; 0 where the refund pays for all. */
  sale: commitRequestSchema,
});
export type ExchangeRequest = z.infer<typeof exchangeRequestSchema>;
export const exchangeReplySchema = z.object({
  return: entryReplySchema,
  sale: entryReplySchema,
  /** What the shopper pays (positive) or gets (negative). */
  netMinor: minorSchema,
});
export type ExchangeReply = z.infer<typeof exchangeReplySchema>;
