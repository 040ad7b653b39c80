import { type Article, articleSchema } from '../agent/contract/article.ts';
import { text } from '../agent/contract/text.ts';
import { foodArticles } from './articles-food.ts';
import { otherArticles } from './articles-other.ts';
import { withCheckDigit } from './check-digit.ts';

/**
 * GS1 prefix 952 is set aside for demonstrations, so no real article can carry these numbers
 * (GS1's list of company prefixes).
 */
const DEMO_COMPANY_PREFIX = '9520001';

/** Articles with this attribute earn green points and count for green rules. */
export const GREEN_ATTRIBUTE = 'green';

/** The share of the shelf price, in percent, below which no benefit may bring an age-restricted article. */
const RESTRICTED_FLOOR_PERCENT = 70;

/** The articles of the demo chain; the same on every run. */
export function demoArticles(): Article[] {
  const countOf = new Map<string, number>();
  return [...foodArticles, ...otherArticles].map((row, index) => {
    const [category, zhCN, en, priceMinor, ...attributes] = row;
    const nth = (countOf.get(category) ?? 0) + 1;
    countOf.set(category, nth);
    const floorMinor = Math.ceil((priceMinor * RESTRICTED_FLOOR_PERCENT) / 100);
    return articleSchema.parse({
      sku: `${category}-${String(nth).padStart(2, '0')}`,
      gtin: withCheckDigit(`${DEMO_COMPANY_PREFIX}${String(index + 1).padStart(5, '0')}`),
      name: text(zhCN, en),
      category,
      priceMinor,
      attributes,
      ...(attributes.includes('age-restricted') && { minUnitPriceMinor: floorMinor }),
    });
  });
}
