import { z } from 'zod';
import { BASKET_MAX_CODES, BASKET_MAX_LINES, basketLineSchema } from './basket.ts';
import { sceneSchema, weatherSchema } from './calendar.ts';
import { laneSchema } from './evaluation.ts';
import { memberIdSchema, storeIdSchema } from './ids.ts';
import { channelSchema, MEMBER_MAX_GROUPS, MEMBER_MAX_MONTHS, MEMBER_MAX_TAGS } from './member.ts';
import { amountMinorSchema, currencySchema, POINTS_MAX, pointsBalanceSchema } from './money.ts';
import { limitScopeSchema } from './rules.ts';
import { storeTierSchema } from './store.ts';
import { textSchema } from './text.ts';
import { voucherFactsSchema } from './voucher.ts';

const dayFields = {
  /** yyyymmdd */
  date: z.int().min(1_01_01).max(9999_12_31),
  /** 1 = Monday ... 7 = Sunday. */
  weekday: z.int().min(1).max(7),
  month: z.int().min(1).max(12),
  day: z.int().min(1).max(31),
};

/**
 * A moment in store-local time as integers; `localTime` computes it from an instant and a time zone. All fields but
 * `businessDay` go by the wall clock and the calendar. Conditions on `now.date`, `now.month`, `now.day` and
 * `now.weekday`, windows of whole days and scenes go by the business day 营业日; times of day by the wall clock.
 */
export const localTimeSchema = z.object({
  ...dayFields,
  /** Second of the day, 0-86,399, by the wall clock. */
  secondOfDay: z.int().min(0).max(86_399),
  minuteOfDay: z.int().min(0).max(1_439),
  /** The business day, where it is not the calendar day: after midnight in a store whose day ends later. */
  businessDay: z.object(dayFields).optional(),
});
export type LocalTime = z.infer<typeof localTimeSchema>;

/** Most categories of points, beside `base`, that one member holds. */
export const MEMBER_MAX_BUCKETS = 64;

/** What conditions read as days since a purchase where none is known, and the most that they read. */
export const DAYS_SINCE_NEVER = 36_500;

/** The facts of a member that conditions may read. */
export const memberFactsSchema = z.object({
  memberId: memberIdSchema,
  tier: z.string().max(32),
  groups: z.array(z.string().min(1).max(64)).max(MEMBER_MAX_GROUPS),
  tags: z.array(z.string().min(1).max(64)).max(MEMBER_MAX_TAGS),
  completedOrders: z.int().min(0).max(POINTS_MAX),
  yearSpendMinor: amountMinorSchema,
  birthdayToday: z.boolean(),
  birthdayMonth: z.boolean(),
  /** Spend of the running calendar month before this sale; absent = 0. */
  monthSpendMinor: amountMinorSchema.optional(),
  /** Spend of the months before it, the last one first; what is absent = 0. */
  earlierMonthsMinor: z
    .array(amountMinorSchema)
    .max(MEMBER_MAX_MONTHS - 1)
    .optional(),
  /** Days since the last purchase by channel, by the business day; absent = no purchase is known. */
  daysSince: z.partialRecord(channelSchema, z.int().min(0).max(DAYS_SINCE_NEVER)).optional(),
  /** Spendable points of each category of their own, those of `base` excepted: they are `allowances.points`. */
  pointsByBucket: z
    .record(z.string().min(1).max(32), pointsBalanceSchema)
    .refine(
      (buckets) => Object.keys(buckets).length <= MEMBER_MAX_BUCKETS,
      `at most ${MEMBER_MAX_BUCKETS} categories of points`,
    )
    .default({}),
});
export type MemberFacts = z.infer<typeof memberFactsSchema>;

/** What the holder of an allowance says of a coupon code. */
export const couponStateSchema = z.enum(['available', 'unreachable', 'used', 'expired', 'unknown']);
export type CouponState = z.infer<typeof couponStateSchema>;

const allowanceSchema = z.discriminatedUnion('reachable', [
  z.object({ reachable: z.literal(false) }),
  z.object({ reachable: z.literal(true), available: pointsBalanceSchema }),
]);
export type Allowance = z.infer<typeof allowanceSchema>;

export const evaluationLineSchema = basketLineSchema.omit({ currency: true }).extend({
  /** false: the till knows no such article and could add no facts. */
  articleKnown: z.boolean().optional(),
});
export type EvaluationLine = z.infer<typeof evaluationLineSchema>;

/** Everything a decision may depend on: the same input under the same rule set gives the same evaluation. */
export const evaluationInputSchema = z.object({
  currency: currencySchema,
  lines: z.array(evaluationLineSchema).max(BASKET_MAX_LINES),
  codes: z.array(z.string().min(1).max(64)).max(BASKET_MAX_CODES),
  /** Points the member asks to spend; 0 = none. */
  pointsToSpend: z.int().min(0).max(POINTS_MAX),
  channel: z.enum(['store', 'online', 'app']),
  /** The document takes goods back. */
  isReturn: z.boolean(),
  /** null = guest. */
  member: memberFactsSchema.nullable(),
  store: z.object({ storeId: storeIdSchema, storeTier: storeTierSchema }),
  now: localTimeSchema,
  /** What the rule set's calendar says of the business day. */
  scene: sceneSchema.default({ tags: [], known: false }),
  /** null = no weather is known. */
  weather: weatherSchema.nullable().default(null),
  allowances: z.object({
    /** Points of `base` that the holder lets this till spend; unreachable, points of no category can be spent. */
    points: allowanceSchema,
    /** By code; a single-use code that is absent counts as unreachable. */
    coupons: z.record(z.string(), couponStateSchema),
    /** Vouchers among `codes`, by the name that stands there for their text; absent = none. */
    vouchers: z.record(z.string(), voucherFactsSchema).optional(),
    /** Uses left, by allotment; absent counts as unreachable. */
    allotments: z.record(z.string(), allowanceSchema),
  }),
  /** Lanes that the member may not have at their assurance level, with the sentence for the cashier. */
  withheld: z.partialRecord(laneSchema, textSchema).optional(),
  /** Uses so far by rule and scope; absent = 0. */
  counters: z.record(z.string(), z.partialRecord(limitScopeSchema, z.int().min(0))),
  /** Campaign money spent so far by budget; absent = 0. */
  budgetsUsedMinor: z.record(z.string(), amountMinorSchema),
});
export type EvaluationInput = z.infer<typeof evaluationInputSchema>;
