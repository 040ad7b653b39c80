import type { Text } from '../../../agent/contract/index.ts';
import type { TillClient } from '../link.ts';
import { LINES_SHOWN_MAX, type Sale } from './till-view.ts';

/** Names kept on the screen; past it the list begins again, which only costs a few look-ups. */
export const ARTICLE_NAMES_MAX = 5_000;

/**
 * Adds the names of a sale's articles and gifts to those already known; answers the same map when nothing is missing.
 * An article that the till does not know stays without a name and is asked for again with the next basket.
 */
export async function fetchArticleNames(
  pos: TillClient['pos'],
  sale: Sale,
  known: ReadonlyMap<string, Text>,
): Promise<ReadonlyMap<string, Text>> {
  const { lines, gifts } = sale.evaluation;
  const skus = new Set([...lines.slice(0, LINES_SHOWN_MAX), ...gifts].map(({ sku }) => sku));
  const missing = [...skus].filter((sku) => !known.has(sku));
  if (missing.length === 0) return known;
  const found = await Promise.all(
    missing.map(async (sku) => (await pos.articles.search({ query: sku, limit: 5 })).articles),
  );
  const names = new Map(known.size > ARTICLE_NAMES_MAX ? [] : known);
  for (const { sku, name } of found.flat()) if (skus.has(sku)) names.set(sku, name);
  return names.size === known.size ? known : names;
}
