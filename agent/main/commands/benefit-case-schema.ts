import { z } from 'zod';
import { BASKET_MAX_CODES } from '../../contract/basket.ts';
import { VOUCHER_TEXT_MAX } from '../../contract/voucher.ts';
import {
  benefitExtension,
  caseExtension,
  expectExtension,
  memberExtension,
} from './benefit-case-extension.ts';

const minor = z.int().min(0);
const target = z.strictObject({
  sku: z.array(z.string()).optional(),
  category: z.array(z.string()).optional(),
  attributes: z.array(z.string()).optional(),
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
  budget: z
    .strictObject({ id: z.string().optional(), limitMinor: minor, usedMinor: minor })
    .optional(),
  ...benefitExtension,
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
  ...expectExtension,
});
export type CaseExpect = z.infer<typeof expectSchema>;

/** One case of the neutral format `benefit-case/1`, with what docs/benefit-cases.md adds to it. */
export const benefitCaseSchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  origin: z.unknown().optional(),
  note: z.string().optional(),
  currencyDecimals: z.literal(2).default(2),
  now: z.string().optional(),
  lines: z.array(
    z.strictObject({
      id: z.string(),
      sku: z.string(),
      category: z.string().optional(),
      attributes: z.array(z.string()).optional(),
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
      ...memberExtension,
    })
    .nullish(),
  codes: z.array(z.string().min(1).max(VOUCHER_TEXT_MAX)).max(BASKET_MAX_CODES).default([]),
  isReturn: z.boolean().default(false),
  benefits: z.array(benefitSchema),
  stacking: z
    .strictObject({ mode: z.enum(['sequence', 'best-of']).default('sequence') })
    .default({ mode: 'sequence' }),
  rounding: z
    .strictObject({ mode: z.enum(['half-up', 'down']).default('half-up') })
    .default({ mode: 'half-up' }),
  return: z.strictObject({ lines: z.record(z.string(), z.int()) }).optional(),
  ...caseExtension,
  expect: expectSchema,
});
export type BenefitCase = z.infer<typeof benefitCaseSchema>;

/** The file: cases stay unparsed, so that one unknown field costs one case. */
export const benefitCaseFileSchema = z.object({
  schema: z.literal('benefit-case/1'),
  /** Fields of every case that does not have them itself. */
  defaults: z.record(z.string(), z.unknown()).optional(),
  cases: z.array(z.looseObject({ id: z.string() })).max(10_000),
});

/** The order in which benefits take effect: ascending priority, ties in file order. */
export function inOrder(benefits: readonly CaseBenefit[]): CaseBenefit[] {
  return [...benefits].sort((a, b) => a.priority - b.priority);
}
