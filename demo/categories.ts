import { type Text, text } from '../agent/contract/text.ts';

/** Article categories of the demo chain. */
export const categories = {
  fruit: text('水果', 'fruit'),
  vegetables: text('蔬菜', 'vegetables'),
  'meat-eggs': text('肉禽蛋', 'meat and eggs'),
  seafood: text('水产', 'seafood'),
  dairy: text('乳品', 'dairy'),
  bakery: text('烘焙', 'bakery'),
  'grain-oil': text('粮油', 'grain and oil'),
  condiments: text('调味品', 'condiments'),
  snacks: text('零食', 'snacks'),
  beverages: text('饮料', 'beverages'),
  'tea-coffee': text('茶与咖啡', 'tea and coffee'),
  liquor: text('酒类', 'wine and spirits'),
  frozen: text('冷冻食品', 'frozen food'),
  baby: text('母婴', 'baby'),
  'personal-care': text('个人护理', 'personal care'),
  cosmetics: text('美妆', 'cosmetics'),
  cleaning: text('家居清洁', 'cleaning'),
  kitchen: text('厨房用品', 'kitchenware'),
  home: text('家纺日用', 'home textiles'),
  stationery: text('文具', 'stationery'),
} as const satisfies Record<string, Text>;

export type Category = keyof typeof categories;

export const categoryIds = Object.keys(categories) as Category[];
