import { z } from 'zod';
import { lineIdSchema, skuSchema } from './ids.ts';
import { amountMinorSchema, currencySchema } from './money.ts';
import { freeTextSchema } from './text.ts';

export const BASKET_MAX_LINES = 10_000;
export const LINE_MAX_QUANTITY = 10_000;
export const BASKET_MAX_CODES = 50;

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

/** What the shopper wants to pay for, and what they presented beside their identity. */
export const basketSchema = z.object({
  currency: currencySchema,
  lines: z.array(basketLineSchema).min(1).max(BASKET_MAX_LINES),
  /** Coupon codes presented, in any order. */
  codes: z.array(z.string().min(1).max(64)).max(BASKET_MAX_CODES).default([]),
  /** Points the member asks to spend; absent = none. */
  pointsToSpend: z.int().min(0).max(1_000_000_000).optional(),
  channel: z.enum(['store', 'online', 'app']).default('store'),
});
export type Basket = z.infer<typeof basketSchema>;
