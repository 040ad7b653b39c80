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

/** An amount as it is coded, which no fraction of a computer holds as exactly: `digits` times ten to the `exponent`. */
const codedAmountSchema = z.object({
  digits: z.int().min(0),
  exponent: z.int().min(-9).max(0),
});

/**
 * What an article's code says of the piece that it stands on, such as a scale's label. Nothing is rounded or converted:
 * an amount that is not whole in the units of a field stands as it is coded or not at all. Not given on: lengths, areas and
 * volumes, a price per unit without decimals of its own (AI 8005), and dates. A percentage (AI 394n) is a coupon's.
 */
export const scannedArticleSchema = z.object({
  /** 14 digits, padded with zeros; a 9 in front says that it is sold by measure. */
  gtin: z.string().regex(/^\d{14}$/),
  /** Net weight in grams (AI 310n). */
  netGrams: z.int().min(0).optional(),
  /**
   * Net weight that is not whole grams: a part of them (AI 310n), pounds (320n), troy ounces (356n), or ounces (357n), which
   * are of weight or of volume as the article is sold.
   */
  netWeight: codedAmountSchema
    .extend({ unit: z.enum(['gram', 'pound', 'ounce', 'troy-ounce']) })
    .optional(),
  /** What this piece costs, in minor units of the till's currency (AI 392n, 393n). */
  priceMinor: amountMinorSchema.optional(),
  /** What one unit of measure costs, such as a kilogram, in whole units of the till's currency (AI 395n). */
  unitPrice: codedAmountSchema.optional(),
  /** Pieces in a pack of variable count (AI 30). */
  pieces: z.int().min(0).optional(),
});
export type ScannedArticle = z.infer<typeof scannedArticleSchema>;
