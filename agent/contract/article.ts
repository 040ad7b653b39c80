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

/**
 * What an article's code says of the piece that it stands on, such as a scale's label. Weight and price are there where
 * the code has them exactly in these units.
 */
export const scannedArticleSchema = z.object({
  /** 14 digits, padded with zeros; a 9 in front says that it is sold by measure. */
  gtin: z.string().regex(/^\d{14}$/),
  /** Net weight in grams (AI 310n). */
  netGrams: z.int().min(0).optional(),
  /** What this piece costs, in minor units of the till's currency (AI 392n, 393n). */
  priceMinor: amountMinorSchema.optional(),
  /** Pieces in a pack of variable count (AI 30). */
  pieces: z.int().min(0).optional(),
});
export type ScannedArticle = z.infer<typeof scannedArticleSchema>;
