import type { Category } from './categories.ts';

/** One line of an article table: category, zh-CN name, English name, price in minor units, attributes. */
export type ArticleRow = readonly [
  category: Category,
  zhCN: string,
  en: string,
  priceMinor: number,
  ...attributes: readonly string[],
];
