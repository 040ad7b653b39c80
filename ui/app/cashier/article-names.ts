import type { Article, Text } from '../../../agent/contract/index.ts';
import { LINES_SHOWN_MAX, type Sale } from './till-view.ts';

/** Names kept on the screen; past it the list begins again, which only costs a few look-ups. */
export const ARTICLE_NAMES_MAX = 5_000;

/** Finds articles by SKU among others, as the till's search does. */
export type FindArticles = (query: string, limit: number) => Promise<readonly Article[]>;

/**
 * Adds the names of articles to those already known; answers the same map when nothing is missing. An article that the
 * till does not know stays without a name and is asked for again the next time.
 */
export async function fetchArticleNames(
  find: FindArticles,
  skus: readonly string[],
  known: ReadonlyMap<string, Text>,
): Promise<ReadonlyMap<string, Text>> {
  const missing = [...new Set(skus)].filter((sku) => !known.has(sku));
  if (missing.length === 0) return known;
  const found = await Promise.all(missing.map((sku) => find(sku, 5)));
  const names = new Map(known.size > ARTICLE_NAMES_MAX ? [] : known);
  for (const { sku, name } of found.flat()) if (missing.includes(sku)) names.set(sku, name);
  return names.size === known.size ? known : names;
}

/** The articles and gifts of a sale whose names a screen shows. */
export function skusOf({ evaluation: { lines, gifts } }: Sale): string[] {
  return [...lines.slice(0, LINES_SHOWN_MAX), ...gifts].map(({ sku }) => sku);
}
