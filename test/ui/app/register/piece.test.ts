import { describe, expect, it } from 'vitest';
import type { Article } from '../../../../agent/contract/index.ts';
import { pieceOf } from '../../../../ui/app/register/piece.ts';

const ham: Article = {
  sku: 'ham',
  name: { 'zh-CN': '火腿', en: 'Ham' },
  category: 'meat',
  priceMinor: 9_980,
  attributes: [],
};
const BY_MEASURE = '90614141000015';
const PACKED = '06901234567892';

describe('the price of one piece', () => {
  it.each([
    [
      'its label, whatever it weighs',
      { gtin: BY_MEASURE, netGrams: 734, priceMinor: 1_650 },
      1_650,
    ],
    ['its label alone', { gtin: PACKED, priceMinor: 1_650 }, 1_650],
    [
      'its weight, where the GTIN says that it is sold by measure',
      { gtin: BY_MEASURE, netGrams: 734 },
      7_325,
    ],
  ])('comes from %s', (_, scanned, priceMinor) => {
    expect(pieceOf(ham, scanned)?.priceMinor).toBe(priceMinor);
  });

  it.each([
    ['the weight on a pack that has one price', { gtin: PACKED, netGrams: 734 }],
    ['a code without weight and price', { gtin: BY_MEASURE }],
    ['a scale that weighed nothing', { gtin: BY_MEASURE, netGrams: 0 }],
  ])('is that of the article for %s', (_, scanned) => {
    expect(pieceOf(ham, scanned)).toBeUndefined();
  });
});
