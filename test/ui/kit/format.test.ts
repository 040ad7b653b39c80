import { describe, expect, it } from 'vitest';
import { createFormat, readMoney } from '../../../ui/kit/format.ts';

describe('an amount that somebody types', () => {
  it.each([
    ['128.5', 'CNY', 12_850],
    [' 100 ', 'CNY', 10_000],
    ['0.01', 'CNY', 1],
    ['100', 'JPY', 100],
    ['1.234', 'KWD', 1_234],
    ['999999999.99', 'CNY', 99_999_999_999],
  ])('"%s" in %s is %i minor units', (text, currency, minor) => {
    expect(readMoney(text, currency)).toBe(minor);
  });

  it.each([
    ['', 'CNY'],
    ['0', 'CNY'],
    ['-5', 'CNY'],
    ['12.345', 'CNY'],
    ['abc', 'CNY'],
    ['1.', 'CNY'],
    ['100.5', 'JPY'],
    ['1000000000', 'CNY'],
  ])('"%s" in %s is none', (text, currency) => {
    expect(readMoney(text, currency)).toBeNull();
  });
});

it('a currency has the name that readers of a language give it', () => {
  expect(createFormat('zh-CN', undefined).currencyName('CNY')).toBe('人民币');
  expect(createFormat('en', undefined).currencyName('JPY')).toBe('Japanese Yen');
});
