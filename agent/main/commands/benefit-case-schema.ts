import { z } from 'zod';

const minor = z.int().min(0);
const target = z.strictObject({
  sku: z.array(z.string()).optional(),
  category: z.array(z.string()).optional(),
  unitPriceMin: minor.optional(),
  unitPriceMax: minor.optional(),
  notAlreadyDiscounted: z.boolean().optional(),
});
const used = z.strictObject({ limit: z.int(), used: z.int() });

/** Gates of the format; an unknown one makes the case unsupported, never silently easier. */
const whenSchema = z.strictObject({
  code: z.string().optional(),
  validFrom: z.string().optional(),
  validTo: z.string().optional(),
  usageLimit: used.optional(),
  memberUsageLimit: used.optional(),
  memberGroups: z.array(z.string()).min(1).optional(),
  orderNumber: z.int().optional(),
  minSubtotalMinor: z.int().optional(),
  minRunningSubtotalMinor: z.int().optional(),
  minQty: z.int().optional(),
  maxQty: z.int().optional(),
  of: target.optional(),
  minAmountOf: z.strictObject({ target, minor: z.int() }).optional(),
  contains: target.optional(),
  notOnReturn: z.boolean().optional(),
});
export type CaseWhen = z.infer<typeof whenSchema>;

const benefitSchema = z.strictObject({
  id: z.string(),
  kind: z.string(),
  value: z.record(z.string(), z.unknown()).default({}),
  when: whenSchema.optional(),
  target: target.optional(),
  base: z.enum(['running', 'original']).default('running'),
  priority: z.int().default(0),
  exclusive: z.boolean().default(false),
  budget: z.strictObject({ limitMinor: minor, usedMinor: minor }).optional(),
});
export type CaseBenefit = z.infer<typeof benefitSchema>;

const expectSchema = z.strictObject({
  totalMinor: z.int().optional(),
  discountMinor: z.int().optional(),
  lineDiscounts: z.record(z.string(), z.int()).optional(),
  lineTolerance: z.int().optional(),
  applied: z.array(z.string()).optional(),
  rejected: z.record(z.string(), z.string()).optional(),
  pointsEarned: z.int().optional(),
  pointsSpent: z.int().optional(),
  gifts: z.array(z.strictObject({ sku: z.string(), qty: z.int() })).optional(),
  tierAfter: z.string().optional(),
  refundMinor: z.int().optional(),
});
export type CaseExpect = z.infer<typeof expectSchema>;

/** One case of the neutral format `benefit-case/1`. */
export const benefitCaseSchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  origin: z.unknown().optional(),
  note: z.string().optional(),
  currencyDecimals: z.literal(2),
  now: z.string().optional(),
  lines: z.array(
    z.strictObject({
      id: z.string(),
      sku: z.string(),
      category: z.string(),
      qty: z.int(),
      unitPriceMinor: minor,
      minUnitPriceMinor: minor.optional(),
      alreadyDiscounted: z.boolean().optional(),
    }),
  ),
  member: z
    .strictObject({
      groups: z.array(z.string()).optional(),
      completedOrders: z.int().optional(),
      pointsBalance: z.int().optional(),
    })
    .nullish(),
  codes: z.array(z.string()).default([]),
  isReturn: z.boolean().default(false),
  benefits: z.array(benefitSchema),
  stacking: z
    .strictObject({ mode: z.enum(['sequence', 'best-of']).default('sequence') })
    .default({ mode: 'sequence' }),
  rounding: z
    .strictObject({ mode: z.enum(['half-up', 'down']).default('half-up') })
    .default({ mode: 'half-up' }),
  return: z.strictObject({ lines: z.record(z.string(), z.int()) }).optional(),
  expect: expectSchema,
});
export type BenefitCase = z.infer<typeof benefitCaseSchema>;

/** The file: cases stay unparsed, so that one unknown field costs one case. */
export const benefitCaseFileSchema = z.object({
  schema: z.literal('benefit-case/1'),
  cases: z.array(z.looseObject({ id: z.string() })).max(10_000),
});

/** The order in which benefits take effect: ascending priority, ties in file order. */
export function inOrder(benefits: readonly CaseBenefit[]): CaseBenefit[] {
  return [...benefits].sort((a, b) => a.priority - b.priority);
}
