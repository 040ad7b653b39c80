import { describe, expect, test } from 'vitest';
import { measureOf, wholeUnits } from '../../../../agent/domain/gs1/measures.ts';
import { parseLenient } from '../../../../agent/domain/gs1/parse-gs1.ts';
import { routeCode } from '../../../../agent/domain/identify/route-code.ts';

const GTIN = '01' + '09501101530126';
const GS = '\u001d';
const measured = (text: string) => measureOf(parseLenient({ text, aim: ']e0' }).elements);

describe('variable measures', () => {
  test.each([
    [`${GTIN}3103000750`, { netGrams: { digits: 750, exponent: 0 } }],
    [`${GTIN}3105000750`, { netGrams: { digits: 750, exponent: -2 } }],
    [`${GTIN}3100000002`, { netGrams: { digits: 2, exponent: 3 } }],
    [`${GTIN}3202000150`, { netPounds: { digits: 150, exponent: -2 } }],
    [`${GTIN}31030007503922${'1299'}`, { price: { digits: 1299, exponent: -2 } }],
    [`${GTIN}31030007503920${'12'}`, { price: { digits: 12, exponent: 0 } }],
    [
      `${GTIN}31030007503932156${'1299'}`,
      { price: { digits: 1299, exponent: -2, currency: '156' } },
    ],
    [`${GTIN}31030007503952001299`, { pricePerUnit: { digits: 1299, exponent: -2 } }],
    [`${GTIN}30${'6'}`, { pieces: 6 }],
  ])('%j is %j', (text, expected) => {
    expect(measured(text)).toMatchObject(expected);
  });

  test('none is none', () => {
    expect(measured(`${GTIN}10LOT`)).toBeUndefined();
  });

  test('an amount is a whole number of minor units or grams, or nothing: it is never rounded', () => {
    expect(wholeUnits({ digits: 1299, exponent: -2 }, -2)).toBe(1299);
    expect(wholeUnits({ digits: 12, exponent: 0 }, -2)).toBe(1200);
    expect(wholeUnits({ digits: 12990, exponent: -3 }, -2)).toBe(1299);
    expect(wholeUnits({ digits: 12995, exponent: -3 }, -2)).toBeUndefined();
    expect(wholeUnits({ digits: 999_999_999_999_999, exponent: 0 }, -2)).toBeUndefined();
    expect(wholeUnits({ digits: 999_999_999_999_999, exponent: -2 }, -2)).toBe(999_999_999_999_999);
  });
});

describe('an article', () => {
  test('carries weight and price where its code has them', () => {
    expect(routeCode({ text: `${GTIN}31030007503922${'1299'}`, aim: ']e0' })).toEqual({
      class: 'article',
      gtin: '09501101530126',
      measure: {
        netGrams: { digits: 750, exponent: 0 },
        price: { digits: 1299, exponent: -2 },
      },
    });
    expect(routeCode({ text: 'https://a/01/09501101530126?3103=000195&3922=0299' })).toMatchObject({
      class: 'article',
      measure: { netGrams: { digits: 195 } },
    });
  });

  test('stays one where what follows is wrong, and carries what is right', () => {
    const text = `${GTIN}31030007503922129X${GS}17271301`;
    expect(routeCode({ text, aim: ']e0' })).toEqual({
      class: 'article',
      gtin: '09501101530126',
      measure: { netGrams: { digits: 750, exponent: 0 } },
    });
  });

  test('is found behind other elements too, but never where a member or a coupon comes first', () => {
    expect(routeCode({ text: `800112341234512398${GS}${GTIN}`, aim: ']d2' })).toMatchObject({
      class: 'article',
    });
    expect(routeCode({ text: `8018401234523435439653${GS}${GTIN}`, aim: ']d2' })).toMatchObject({
      class: 'unknown',
    });
    expect(routeCode({ text: `8018401234523435439654${GS}${GTIN}`, aim: ']d2' })).toMatchObject({
      class: 'unknown',
    });
  });

  test('of an EAN symbol with a composite part is the number of the symbol', () => {
    expect(routeCode({ text: ']E09501101530126|]e0' + '10LOT' })).toEqual({
      class: 'article',
      gtin: '09501101530126',
    });
  });
});
