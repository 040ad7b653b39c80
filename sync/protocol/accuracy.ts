import { z } from 'zod';
import { storeIdSchema } from '../../agent/contract/ids.ts';
import { textSchema } from '../../agent/contract/text.ts';
import { daySchema, instantSchema } from '../../agent/contract/time.ts';

/** The share of decisions that must have been what full and fresh data would have given; the programme demands it. */
export const ACCURACY_FLOOR = 0.9;
/** Stores times weeks of one report. */
export const ACCURACY_ROWS_MAX = 5_000;
/** Cases of one page. */
export const ACCURACY_CASES_MAX = 200;
/** Rules that one case names. */
export const ACCURACY_DIFFERENCES_MAX = 20;
/** Weeks that a report covers where nothing is said, the running one included. */
export const ACCURACY_WEEKS_SHOWN = 8;

/**
 * Why a till decided otherwise than with full and fresh data; of several that would each explain a case the first one
 * counts.
 */
export const ACCURACY_CAUSES = [
  /** The engine does not give the stored evaluation again: a fault of the program, not of its data. */
  'engine-differs',
  /** The entry's sealed body was changed or cannot be read. */
  'body-broken',
  /** Headquarters has no rule set of the version that the till used. */
  'rule-set-missing',
  /** Headquarters had published other rules. */
  'rule-set-stale',
  /** The member was known at headquarters; the till took them for somebody who joins. */
  'guest-unknown-member',
  /** The till's copy of the member was not the latest. */
  'member-stale',
  /** The till could ask for points, and knew another balance. */
  'points-stale',
  /** Uses of a rule at other tills were not known. */
  'counter-stale',
  /** Campaign money spent at other tills was not known. */
  'budget-stale',
  /** A coupon's holder could not be asked. */
  'coupon-offline',
  /** The till took a coupon for free or used that was not. */
  'coupon-stale',
  /** The holder of points or of a scarce benefit could not be asked. */
  'allowance-offline',
  /** Nothing of the above explains it. */
  'unexplained',
  /** What the member was then is not kept any more: the facts that the till had are believed. */
  'no-history',
] as const;
export const accuracyCauseSchema = z.enum(ACCURACY_CAUSES);
export type AccuracyCause = z.infer<typeof accuracyCauseSchema>;

/** ISO 8601 week of a business day, `2026-W47`. */
export const weekSchema = z.string().regex(/^\d{4}-W(0[1-9]|[1-4]\d|5[0-3])$/);

/** Sales of one store in one week, or of several added up. */
export const accuracyCountSchema = z.strictObject({
  /** All that were looked at. */
  sales: z.int().min(0),
  /** Decided as full and fresh data would have it. */
  accurate: z.int().min(0),
  /** Nobody can tell any more: the key of the member is destroyed, or what was known was cleared before a late payment. */
  erased: z.int().min(0),
  /** The engine gave another evaluation for the same input: must be 0. */
  engineDifferent: z.int().min(0),
  /** Of the accurate ones, those where the member's history is not kept and the till's facts were believed. */
  withoutHistory: z.int().min(0),
  /** accurate / (sales - erased); null where nothing could be told. */
  rate: z.number().min(0).max(1).nullable(),
  /** Sales that were not accurate, by their cause. */
  causes: z.partialRecord(accuracyCauseSchema, z.int().min(1)),
});
export type AccuracyCount = z.infer<typeof accuracyCountSchema>;

export const accuracyQuerySchema = z.strictObject({
  storeId: storeIdSchema.optional(),
  /** Business days, both inclusive. */
  from: daySchema.optional(),
  to: daySchema.optional(),
});

export const accuracyReportSchema = z.strictObject({
  at: instantSchema,
  from: daySchema,
  to: daySchema,
  /** {@link ACCURACY_FLOOR} */
  floor: z.number(),
  /** Sales that wait to be looked at. */
  waiting: z.int().min(0),
  total: accuracyCountSchema,
  rows: z
    .array(
      accuracyCountSchema.extend({ storeId: z.string(), storeName: textSchema, week: weekSchema }),
    )
    .max(ACCURACY_ROWS_MAX),
  /** There are more rows than one report holds: ask for fewer days or one store. */
  tooMany: z.boolean(),
});
export type AccuracyReport = z.infer<typeof accuracyReportSchema>;

export const accuracyCasesQuerySchema = z.strictObject({
  storeId: storeIdSchema.optional(),
  week: weekSchema.optional(),
  cause: accuracyCauseSchema.optional(),
  /** As answered with the page before. */
  after: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(ACCURACY_CASES_MAX).default(50),
});

const ruleVerdictSchema = z.strictObject({
  status: z.enum(['applied', 'refused']),
  discountMinor: z.int(),
  points: z.int(),
  /** The tier that the sale reached, where the rule is one that gives tiers; absent = none. */
  tierAfter: z.string().optional(),
  /** Pieces of each article given; absent = none. */
  gifts: z.record(z.string(), z.int().min(1)).optional(),
  /** Given to a good cause; absent = nothing. */
  donatedMinor: z.int().min(1).optional(),
});

/** One rule that the till treated otherwise. */
export const ruleDifferenceSchema = z.strictObject({
  ruleId: z.string(),
  /** null = it neither applied nor was refused. */
  till: ruleVerdictSchema.nullable(),
  full: ruleVerdictSchema.nullable(),
});
export type RuleDifference = z.infer<typeof ruleDifferenceSchema>;

/** One sale that was not decided as full data would have it, or whose member has no history. Names nobody. */
export const accuracyCaseSchema = z.strictObject({
  saleId: z.string(),
  storeId: z.string(),
  tillId: z.string(),
  seq: z.int().min(1),
  at: instantSchema,
  cause: accuracyCauseSchema,
  accurate: z.boolean(),
  /** Names of the facts that were not the latest; of a difference of the engine, where it lies. */
  fields: z.array(z.string()),
  ruleSetVersion: z.int().min(0),
  /** In force at headquarters when the sale was decided; null where none was. */
  ruleSetInForce: z.int().min(0).nullable(),
  differences: z.array(ruleDifferenceSchema).max(ACCURACY_DIFFERENCES_MAX),
});
export type AccuracyCase = z.infer<typeof accuracyCaseSchema>;

export const accuracyCasesSchema = z.strictObject({
  cases: z.array(accuracyCaseSchema).max(ACCURACY_CASES_MAX),
  /** Where the next page begins; null = this was the last. */
  next: z.string().nullable(),
});
