import { describe, expect, it } from 'vitest';
import { minorDigits } from '../../../agent/contract/money.ts';

describe('the decimals of a currency', () => {
  it.each([
    ['CNY', 2],
    ['USD', 2],
    ['HUF', 2],
    ['IDR', 2],
    ['LAK', 2],
    ['IRR', 2],
    ['JPY', 0],
    ['KRW', 0],
    ['VND', 0],
    ['UYI', 0],
    ['XPF', 0],
    ['IQD', 3],
    ['KWD', 3],
    ['LYD', 3],
    ['CLF', 4],
    ['UYW', 4],
  ])('of %s are %i, as ISO 4217 has it and whatever the engine thinks', (currency, digits) => {
    expect(minorDigits(currency)).toBe(digits);
  });

  it('are two for a code that nobody knows', () => {
    expect(minorDigits('QQQ')).toBe(2);
  });
});
