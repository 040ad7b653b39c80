import { z } from 'zod';
import { memberIdSchema } from '../../agent/contract/ids.ts';
import { hashSchema } from '../../agent/contract/ledger.ts';
import { amountMinorSchema, currencySchema } from '../../agent/contract/money.ts';
import { instantSchema } from '../../agent/contract/time.ts';

/** Chosen by the web shop for each booking; sent as `Idempotency-Key`. */
export const onlineKeySchema = z
  .string()
  .min(8)
  .max(128)
  .regex(/^[A-Za-z0-9_.:-]+$/);
const orderId = z.string().min(1).max(64);

/**
 * A purchase in the web shop. Points are the shop's figure where given, else the chain's earning rate decides. What was
 * paid wholly in points has the amount 0.
 */
export const onlinePurchaseSchema = z
  .strictObject({
    memberId: memberIdSchema,
    orderId,
    amountMinor: amountMinorSchema,
    currency: currencySchema,
    pointsEarned: z.int().min(0).max(1_000_000_000).optional(),
    pointsSpent: z.int().min(0).max(1_000_000_000).default(0),
    /** Where the member bought; absent = in the web shop. */
    channel: z.enum(['online', 'app']).optional(),
    at: instantSchema.optional(),
  })
  .refine(({ amountMinor, pointsSpent }) => amountMinor > 0 || pointsSpent > 0, {
    path: ['amountMinor'],
    message: 'must be above 0 where no points are spent',
  });
/**
 * Goods of an online purchase come back: whole or in part, at most what was bought. The amount is 0 where the purchase
 * was paid wholly in points: such a purchase comes back whole.
 */
export const onlineReturnSchema = z.strictObject({
  orderId,
  amountMinor: amountMinorSchema,
  at: instantSchema.optional(),
});
/** Points given or taken by hand, with the reason that the member is told. */
export const onlinePointsSchema = z.strictObject({
  memberId: memberIdSchema,
  points: z.int().min(-1_000_000_000).max(1_000_000_000),
  reason: z.string().min(1).max(200),
  at: instantSchema.optional(),
});
export const onlineReplySchema = z.strictObject({
  /** Place in HQ's own chained ledger of online bookings. */
  seq: z.int().min(1),
  hash: hashSchema,
  memberId: memberIdSchema,
  pointsChange: z.int(),
  pointsBalance: z.int(),
  tier: z.string(),
  yearSpendMinor: z.int().min(0),
  at: instantSchema,
});
export type OnlineReply = z.infer<typeof onlineReplySchema>;
