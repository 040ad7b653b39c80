import { z } from 'zod';
import { lineIdSchema, memberIdSchema, ruleIdSchema, skuSchema } from './ids.ts';
import { entitlementSchema } from './member.ts';
import { amountMinorSchema, currencySchema, pointsSchema } from './money.ts';
import { textSchema } from './text.ts';

/** The lanes of a rule set 规则通道, in the order in which they run (research: rule model). */
export const LANES = [
  'price',
  'multi-buy',
  'basket',
  'coupon',
  'points-spend',
  'points-earn',
  'entitlement',
] as const;
export const laneSchema = z.enum(LANES);
export type Lane = z.infer<typeof laneSchema>;

/** How each rule of the set ends; none is left out. */
export const ruleStatusSchema = z.enum(['applied', 'lost-to', 'refused', 'not-applicable']);
export type RuleStatus = z.infer<typeof ruleStatusSchema>;

/**
 * Why a rule ended as it did. `min-*` and `max-*` carry a difference; the codes of the case format keep their names.
 */
export const REASON_CODES = [
  'applied',
  'lost-to',
  'exclusive',
  'no-effect',
  'budget',
  'condition',
  'code-missing',
  'coupon-used',
  'coupon-expired',
  'coupon-unknown',
  'coupon-serial',
  'voucher-foreign',
  'voucher-altered',
  'voucher-revoked',
  'voucher-not-yet',
  'voucher-expired',
  'voucher-other-member',
  'voucher-used',
  'voucher-no-value',
  'allowance-unreachable',
  'allotment-exhausted',
  'not-started',
  'expired',
  'wrong-weekday',
  'wrong-time',
  'wrong-date',
  'scene',
  'scene-unknown',
  'weather',
  'usage-limit',
  'member-usage-limit',
  'member-unknown',
  'member-tier',
  'member-group',
  'member-tag',
  'order-number',
  'birthday',
  'min-year-spend',
  'max-year-spend',
  'min-month-spend',
  'max-month-spend',
  'min-last-month-spend',
  'max-last-month-spend',
  'min-days-since',
  'max-days-since',
  'ladder-month',
  'ladder-gap',
  'min-subtotal',
  'max-subtotal',
  'min-running-subtotal',
  'max-running-subtotal',
  'min-qty',
  'max-qty',
  'min-amount-of',
  'max-amount-of',
  'min-running-amount-of',
  'max-running-amount-of',
  'contains',
  'return-sale',
  'channel',
  'store',
  'store-tier',
  'points-not-requested',
  'points-balance',
  'min-points',
  'proof-needed',
] as const;
export const reasonCodeSchema = z.enum(REASON_CODES);
export type ReasonCode = z.infer<typeof reasonCodeSchema>;

/** What became of one rule, with the term of its condition that decided. */
export const ruleOutcomeSchema = z.object({
  ruleId: ruleIdSchema,
  /** The rule's own name for people. */
  name: textSchema,
  lane: laneSchema,
  step: z.int(),
  group: z.string(),
  status: ruleStatusSchema,
  code: reasonCodeSchema,
  /** Source text of the failing conjunct. */
  term: z.string().optional(),
  seen: z.string().optional(),
  needed: z.string().optional(),
  /** needed - seen where both are numbers: minor units, units or points as the code says. */
  difference: z.int().optional(),
  /** The winner, where this rule lost its group or was silenced. */
  lostTo: ruleIdSchema.optional(),
  discountMinor: amountMinorSchema,
  points: pointsSchema,
  /** One sentence for the cashier. */
  text: textSchema,
});
export type RuleOutcome = z.infer<typeof ruleOutcomeSchema>;

/** Points by their category. */
export const pointsByBucketSchema = z.record(z.string().min(1).max(32), z.int().min(1));

/** Units of a line that paid the same: what a return of so many of them gives back each. */
export const unitShareSchema = z.object({ count: z.int().min(1), paidMinor: amountMinorSchema });
export type UnitShare = z.infer<typeof unitShareSchema>;

export const evaluatedLineSchema = z.object({
  lineId: lineIdSchema,
  sku: skuSchema,
  qty: z.int().min(1),
  listMinor: amountMinorSchema,
  discountMinor: amountMinorSchema,
  payableMinor: amountMinorSchema,
  /** Which rules took how much off this line, in the order they were applied. */
  discounts: z.array(z.object({ ruleId: ruleIdSchema, discountMinor: amountMinorSchema })),
  /** Run-length encoded; counts sum to qty, amounts times counts to payableMinor. Returns take units in this order. */
  unitShares: z.array(unitShareSchema),
  /** This line's part of the points earned and spent, so that a return of the line undoes exactly them. */
  pointsEarned: z.int().min(0),
  pointsSpent: z.int().min(0),
  /** The same by category of points; absent = all of it of `base`. */
  pointsEarnedByBucket: pointsByBucketSchema.optional(),
  pointsSpentByBucket: pointsByBucketSchema.optional(),
  /** This line's part of the donations; absent = none. */
  donatedMinor: amountMinorSchema.optional(),
});
export type EvaluatedLine = z.infer<typeof evaluatedLineSchema>;

/** What a basket costs this shopper and why. All sums are exact: lines to totals, units to lines. */
export const evaluationSchema = z.object({
  currency: currencySchema,
  memberId: memberIdSchema.optional(),
  ruleSetVersion: z.int().min(0),
  lines: z.array(evaluatedLineSchema),
  listMinor: amountMinorSchema,
  /** Everything off the list price, points spent included. */
  discountMinor: amountMinorSchema,
  payableMinor: amountMinorSchema,
  points: z.object({
    spent: z.int().min(0),
    /** The part of `discountMinor` that points paid for. */
    spentMinor: amountMinorSchema,
    /** `spent` by category of points; absent = all of it of `base`. */
    spentByBucket: z.record(z.string().min(1).max(32), z.int().min(1)).optional(),
    earned: z.int().min(0),
    /** The earned points by category of points and rule; they sum to `earned`. */
    lots: z.array(
      z.object({
        ruleId: ruleIdSchema,
        bucket: z.string().min(1).max(32),
        points: z.int().min(1),
        /** Days after the sale's business day until they can be spent; absent = at once. */
        pendingDays: z.int().min(1).optional(),
      }),
    ),
  }),
  /**
   * Codes that rules took, in order; a GCN as `255...` with its serial, a North American coupon by its offer with the serial
   * behind a slash (`8110614141123456/777777`), a voucher by its name, never by its text.
   */
  couponsUsed: z.array(z.string()),
  /** What a hold has to reserve beside points and coupons: campaign money, scarce allotments, counted uses. */
  claims: z.object({
    budgets: z.array(z.object({ budgetId: z.string(), amountMinor: amountMinorSchema })),
    allotments: z.array(z.string()),
    /** Applied rules that count their uses. */
    uses: z.array(ruleIdSchema),
  }),
  gifts: z.array(
    z.object({
      ruleId: ruleIdSchema,
      sku: skuSchema,
      qty: z.int().min(1),
      /** To be paid for each piece that does not come back with the goods; absent = nothing. */
      valueMinor: amountMinorSchema.optional(),
    }),
  ),
  /** What the chain gives to a good cause for this sale; absent = nothing. */
  donations: z
    .array(
      z.object({
        ruleId: ruleIdSchema,
        cause: z.string().min(1).max(64),
        amountMinor: amountMinorSchema.min(1),
      }),
    )
    .optional(),
  entitlements: z.array(entitlementSchema),
  tierAfter: z.string().optional(),
  outcomes: z.array(ruleOutcomeSchema),
  /** Facts worth a sentence that are nobody's fault: an unknown article, a code that no rule knows. */
  notices: z.array(z.object({ code: z.string(), field: z.string().optional(), text: textSchema })),
});
export type Evaluation = z.infer<typeof evaluationSchema>;
