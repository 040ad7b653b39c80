import { z } from 'zod';
import { MEMBER_MAX_BUCKETS } from './evaluation-input.ts';
import { lotIdSchema, memberIdSchema, ruleIdSchema } from './ids.ts';
import { entitlementSchema, pointsLotSchema } from './member.ts';
import { pointsBalanceSchema } from './money.ts';
import { textSchema } from './text.ts';
import { daySchema } from './time.ts';

/** Lots that a wallet lists, those that expire first before the others. */
export const WALLET_MAX_LOTS = 200;
/** Categories of points that a wallet lists: `base` and the others. */
export const WALLET_MAX_BUCKETS = MEMBER_MAX_BUCKETS + 1;
/** Coupons that a wallet lists. */
export const WALLET_MAX_COUPONS = 100;

/** Points of one category. */
export const walletBucketSchema = z.object({
  bucket: z.string().min(1).max(32),
  /**
   * Can be spent today: less what running sales reserve, and what is owed of other categories. Negative while more is owed
   * than there is.
   */
  available: pointsBalanceSchema,
  /** Wait for the end of their return window. */
  pending: z.int().min(0),
  /** Expire within 30 days, and the first day on which some do. */
  expiringSoon: z.int().min(0),
  firstExpiryOn: daySchema.optional(),
});
export type WalletBucket = z.infer<typeof walletBucketSchema>;

/** What a member has to use: points by category and lot, coupons, rights. */
export const walletSchema = z.object({
  memberId: memberIdSchema,
  maskedName: z.string(),
  tier: z.string(),
  /** `base` first, then by name; only categories that hold or owe something. */
  buckets: z.array(walletBucketSchema).max(WALLET_MAX_BUCKETS),
  lots: z
    .array(pointsLotSchema.omit({ memberId: true, lotId: true }).extend({ lotId: lotIdSchema }))
    .max(WALLET_MAX_LOTS),
  /** Coupon rules in force whose terms on member, store and time hold; one that works once only while it is free. */
  coupons: z
    .array(
      z.object({
        ruleId: ruleIdSchema,
        code: z.string(),
        name: textSchema,
        /** `unreachable`: whether it is still free cannot be asked at the moment. */
        state: z.enum(['available', 'unreachable']),
        /** Uses left to this member; absent = no limit. */
        usesLeft: z.int().min(0).optional(),
        /** Last day, as the rule's window says. */
        until: daySchema.optional(),
      }),
    )
    .max(WALLET_MAX_COUPONS),
  entitlements: z.array(entitlementSchema),
});
export type Wallet = z.infer<typeof walletSchema>;
