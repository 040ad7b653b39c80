import { type Text, text } from '../agent/contract/text.ts';
import { categories, categoryIds } from './categories.ts';
import { plainTags } from './tags-plain.ts';

/** A tag 标签 that HQ may put on a member, with its name in both languages. */
export interface Tag {
  readonly id: string;
  readonly name: Text;
}

/** How strongly a member is drawn to an article category; one tag for each category and row. */
const categoryTags = [
  ['buys', '常购', 'buys regularly:'],
  ['loves', '偏爱', 'favourite:'],
  ['lapsed', '久未购', 'has not bought lately:'],
  ['promo', '促销时购', 'buys on offer:'],
] as const;

/** Every tag of the demo chain, in catalogue order. */
export const tags: readonly Tag[] = [
  ...plainTags.map(([id, zhCN, en]) => ({ id, name: text(zhCN, en) })),
  ...categoryIds.flatMap((category) =>
    categoryTags.map(([prefix, zhCN, en]) => ({
      id: `${prefix}-${category}`,
      name: text(`${zhCN}${categories[category]['zh-CN']}`, `${en} ${categories[category].en}`),
    })),
  ),
];
