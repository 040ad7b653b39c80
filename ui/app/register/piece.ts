import type { Article, ScannedArticle } from '../../../agent/contract/index.ts';

/** One piece that has a price of its own: a pack of ham, a bag of apples. */
export interface Piece {
  readonly priceMinor: number;
  readonly netGrams?: number | undefined;
}

const GRAMS_PER_KILOGRAM = 1_000;

/**
 * What one piece costs by its own code: the price on its label, else its weight at the article's price, which is that
 * of a kilogram where the GTIN begins with 9 (GS1 General Specifications: the indicator of variable measure). Nothing where the article's price is that of the piece.
 */
export function pieceOf(
  article: Article,
  { gtin, netGrams, priceMinor }: ScannedArticle,
): Piece | undefined {
  if (priceMinor !== undefined) return { priceMinor, netGrams };
  if (netGrams === undefined || netGrams === 0 || !gtin.startsWith('9')) return undefined;
  return { priceMinor: Math.round((article.priceMinor * netGrams) / GRAMS_PER_KILOGRAM), netGrams };
}
