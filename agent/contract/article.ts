import { z } from 'zod';
import { skuSchema } from './ids.ts';
import { amountMinorSchema } from './money.ts';
import { textSchema } from './text.ts';

export const GTIN_PATTERN = /^(\d{8}|\d{12,14})$/;

/** An article as HQ describes it; the POS may send lines for articles that a till does not know. */
export const articleSchema = z.object({
  sku: skuSchema,
  gtin: z.string().regex(GTIN_PATTERN).optional(),
  name: textSchema,
  category: z.string().min(1).max(64),
  priceMinor: amountMinorSchema,
  /** Lowest price per unit that benefits may leave. */
  minUnitPriceMinor: amountMinorSchema.optional(),
  attributes: z.array(z.string().min(1).max(64)).max(64).default([]),
});
export type Article = z.infer<typeof articleSchema>;
