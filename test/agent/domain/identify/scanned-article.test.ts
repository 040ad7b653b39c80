import { describe, expect, test } from 'vitest';
import { scannedArticleSchema } from '../../../../agent/contract/article.ts';
import { MONEY_MAX_MINOR } from '../../../../agent/contract/money.ts';
import { routeCode } from '../../../../agent/domain/identify/route-code.ts';
import { scannedArticle } from '../../../../agent/domain/identify/scanned-article.ts';

const GTIN = '90614141000015';
const read = (rest: string, currency = 'CNY') =>
  scannedArticle(routeCode({ text: `01${GTIN}${rest}`, aim: ']C1' }), currency);

describe('what the code of an article tells a register', () => {
  test.each([
    ['grams', '3103000734', 'CNY', { netGrams: 734 }],
    ['kilograms as grams', '3100000002', 'CNY', { netGrams: 2_000 }],
    ['grams that are whole behind a decimal point', '3104007340', 'CNY', { netGrams: 734 }],
    [
      'a weight of parts of a gram as it is coded',
      '3104007345',
      'CNY',
      { netWeight: { digits: 7_345, exponent: -1, unit: 'gram' } },
    ],
    [
      'pounds, which are never turned into grams',
      '3202000150',
      'USD',
      { netWeight: { digits: 150, exponent: -2, unit: 'pound' } },
    ],
    ['ounces', '3570000012', 'USD', { netWeight: { digits: 12, exponent: 0, unit: 'ounce' } }],
    [
      'troy ounces to the last decimal',
      '3565123456',
      'CNY',
      { netWeight: { digits: 123_456, exponent: -5, unit: 'troy-ounce' } },
    ],
    [
      'the metric weight of a label that has both',
      '31030006803202000150',
      'USD',
      { netGrams: 680 },
    ],
    [
      'the price of a unit of measure beside the weight, for the register to multiply',
      '31030007343952002280',
      'CNY',
      { netGrams: 734, unitPrice: { digits: 2_280, exponent: -2 } },
    ],
    [
      'the price of a unit to three decimals',
      '32020001503953004995',
      'USD',
      {
        netWeight: { digits: 150, exponent: -2, unit: 'pound' },
        unitPrice: { digits: 4_995, exponent: -3 },
      },
    ],
    [
      'no price of a unit whose decimals are agreed upon elsewhere',
      '3103000734800500228',
      'CNY',
      { netGrams: 734 },
    ],
    [
      'no percentage, which belongs to coupons',
      '31030007343941\u001d0250',
      'CNY',
      { netGrams: 734 },
    ],
    ['no length', '3113000734', 'CNY', {}],
    ['a price in fen', '39221650', 'CNY', { priceMinor: 1_650 }],
    ['a price in whole yuan as fen', '392016', 'CNY', { priceMinor: 1_600 }],
    ['a price in yen, which have no smaller unit', '3920165', 'JPY', { priceMinor: 165 }],
    ['no price in fractions of a fen', '392316505', 'CNY', {}],
    [
      'a price in the currency of the till by its number',
      '39321561650',
      'CNY',
      { priceMinor: 1_650 },
    ],
    ['no price in another currency', '39328401650', 'CNY', {}],
    ['a count', '306', 'CNY', { pieces: 6 }],
    [
      'weight and price together',
      '310300073439221650',
      'CNY',
      { netGrams: 734, priceMinor: 1_650 },
    ],
  ])('%s', (_, rest, currency, measure) => {
    const article = read(rest, currency);
    expect(article).toEqual({ gtin: GTIN, ...measure });
    expect(scannedArticleSchema.safeParse(article).success).toBe(true);
  });

  test('an amount beyond what a basket takes is left out', () => {
    expect(read(`3922${MONEY_MAX_MINOR}`)).toEqual({ gtin: GTIN, priceMinor: MONEY_MAX_MINOR });
    expect(read(`3922${MONEY_MAX_MINOR + 1}`)).toEqual({ gtin: GTIN });
  });

  test('another code is no article', () => {
    expect(scannedArticle(routeCode({ text: '134650813205778816' }), 'CNY')).toBeUndefined();
  });
});
