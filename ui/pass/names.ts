import type { Language } from '../../agent/contract/text.ts';

/** The usual tiers and rights; a chain's own word is shown as the chain wrote it. */
const NAMES: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
  'zh-CN': {
    standard: '普通会员',
    silver: '银卡',
    gold: '金卡',
    diamond: '钻石',
    'priority-lane': '优先通道',
    parking: '免费停车',
    event: '会员活动',
    delivery: '免费配送',
    'gift-wrap': '礼品包装',
    'gift-wrapping': '礼品包装',
    'green-badge': '绿色徽章',
  },
  en: {
    standard: 'Standard',
    silver: 'Silver',
    gold: 'Gold',
    diamond: 'Diamond',
    'priority-lane': 'Priority lane',
    parking: 'Free parking',
    event: 'Member event',
    delivery: 'Free delivery',
    'gift-wrap': 'Gift wrapping',
    'gift-wrapping': 'Gift wrapping',
    'green-badge': 'Green badge',
  },
};

/** What people call a tier or a right. */
export function nameOf(id: string, language: Language): string {
  const names = NAMES[language];
  return Object.hasOwn(names, id) ? (names[id] ?? id) : id;
}
