import { z } from 'zod';
import { lineIdSchema, skuSchema } from './ids.ts';
import { amountMinorSchema, currencySchema } from './money.ts';
import { freeTextSchema } from './text.ts';
import { VOUCHER_PREFIX, VOUCHER_TEXT_MAX } from './voucher.ts';

export const BASKET_MAX_LINES = 10_000;
export const LINE_MAX_QUANTITY = 10_000;
export const BASKET_MAX_CODES = 50;
/** Longest coupon code, in characters. Vouchers and GS1 links may be longer, up to {@link VOUCHER_TEXT_MAX}. */
export const COUPON_CODE_MAX = 64;

/** One article line as the POS rings it up. Prices include tax; weighed articles are one unit at the weighed price. */
export const basketLineSchema = z.object({
  lineId: lineIdSchema,
  sku: skuSchema,
  category: freeTextSchema(64).min(1).optional(),
  qty: z.int().min(1).max(LINE_MAX_QUANTITY),
  unitPriceMinor: amountMinorSchema,
  /** Price floor per unit; benefits never go below it. */
  minUnitPriceMinor: amountMinorSchema.optional(),
  /** The shelf price is already a reduced one. */
  alreadyDiscounted: z.boolean().optional(),
  attributes: z.array(freeTextSchema(64).min(1)).max(64).optional(),
  /** Only where the POS states it per line: must equal the basket's. */
  currency: currencySchema.optional(),
});
export type BasketLine = z.infer<typeof basketLineSchema>;

const codeSchema = z
  .string()
  .min(1)
  .max(VOUCHER_TEXT_MAX)
  .refine((code) => code.length <= COUPON_CODE_MAX || isLongCode(code), {
    error: `longer than ${COUPON_CODE_MAX} characters, and neither a voucher (${VOUCHER_PREFIX}...) nor a GS1 link (https://...)`,
  });

function isLongCode(code: string): boolean {
  return code.startsWith(VOUCHER_PREFIX) || /^https?:\/\//i.test(code);
}

/** What the shopper wants to pay for, and what they presented beside their identity. */
export const basketSchema = z.object({
  currency: currencySchema,
  lines: z.array(basketLineSchema).min(1).max(BASKET_MAX_LINES),
  /** Coupon codes, GS1 coupon numbers and partner vouchers presented; of two that serve alike the first is used. */
  codes: z.array(codeSchema).max(BASKET_MAX_CODES).default([]),
  /** Points the member asks to spend; absent = none. */
  pointsToSpend: z.int().min(0).max(1_000_000_000).optional(),
  channel: z.enum(['store', 'online', 'app']).default('store'),
});
export type Basket = z.infer<typeof basketSchema>;
