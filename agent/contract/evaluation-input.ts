import { z } from 'zod';
import { BASKET_MAX_CODES, BASKET_MAX_LINES, basketLineSchema } from './basket.ts';
import { laneSchema } from './evaluation.ts';
import { memberIdSchema, storeIdSchema } from './ids.ts';
import { MEMBER_MAX_GROUPS, MEMBER_MAX_TAGS } from './member.ts';
import { amountMinorSchema, currencySchema, POINTS_MAX, pointsBalanceSchema } from './money.ts';
import { limitScopeSchema } from './rules.ts';
import { storeTierSchema } from './store.ts';
import { textSchema } from './text.ts';

/** A moment in store-local time as integers; `localTime` computes it from an instant and a time zone. */
export const localTimeSchema = z.object({
  /** yyyymmdd */
  date: z.int().min(1_01_01).max(9999_12_31),
  /** Second of the day, 0-86,399, by the wall clock. */
  secondOfDay: z.int().min(0).max(86_399),
  minuteOfDay: z.int().min(0).max(1_439),
  /** 1 = Monday ... 7 = Sunday. */
  weekday: z.int().min(1).max(7),
  month: z.int().min(1).max(12),
  day: z.int().min(1).max(31),
});
export type LocalTime = z.infer<typeof localTimeSchema>;

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
  allowances: z.object({
    /** Points that the holder lets this till spend. */
    points: allowanceSchema,
    /** By code; a single-use code that is absent counts as unreachable. */
    coupons: z.record(z.string(), couponStateSchema),
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
