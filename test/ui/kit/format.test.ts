import { describe, expect, it } from 'vitest';
import { MONEY_MAX_MINOR } from '../../../agent/contract/money.ts';
import { createFormat, readMoney, readWhole } from '../../../ui/kit/format.ts';

describe('an amount that somebody types', () => {
  it.each([
    ['128.5', 'CNY', 12_850],
    [' 100 ', 'CNY', 10_000],
    ['0.01', 'CNY', 1],
    ['100', 'JPY', 100],
    ['1.234', 'KWD', 1_234],
    ['100.', 'CNY', 10_000],
    ['9000000000.00', 'CNY', MONEY_MAX_MINOR],
    ['900000000000', 'JPY', MONEY_MAX_MINOR],
    ['１２．５', 'CNY', 1_250],
    ['12.5', 'HUF', 1_250],
    ['12.345', 'IQD', 12_345],
    ['0.0001', 'CLF', 1],
  ])('"%s" in %s is %i minor units', (text, currency, minor) => {
    expect(readMoney(text, currency)).toBe(minor);
  });

  it.each([
    ['', 'CNY'],
    ['0', 'CNY'],
    ['-5', 'CNY'],
    ['12.345', 'CNY'],
    ['abc', 'CNY'],
    ['.5', 'CNY'],
    ['1,000', 'CNY'],
    ['1，000', 'CNY'],
    ['100.5', 'JPY'],
    ['9000000000.01', 'CNY'],
    ['9'.repeat(400), 'CNY'],
  ])('"%s" in %s is none', (text, currency) => {
    expect(readMoney(text, currency)).toBeNull();
  });
});

describe('a whole number that somebody types', () => {
  it.each([
    ['0', 0],
    [' 20 ', 20],
    ['－１２', -12],
    ['999999999', 999_999_999],
  ])('"%s" is %i', (text, value) => {
    expect(readWhole(text)).toBe(value);
  });

  it.each(['', '1.5', '1e3', '--1', '1000000000'])('"%s" is none', (text) => {
    expect(readWhole(text)).toBeNull();
  });
});

it.each([
  ['HUF', '1,250.00'],
  ['IQD', '125.000'],
  ['JPY', '125,000'],
])('an amount in %s has the decimals of the books: %s', (currency, amount) => {
  const format = createFormat('en', undefined);
  expect(format.amount(125_000, currency)).toBe(amount);
  expect(format.money(125_000, currency)).toContain(amount);
});

it('a currency has the name that readers of a language give it', () => {
  expect(createFormat('zh-CN', undefined).currencyName('CNY')).toBe('人民币');
  expect(createFormat('en', undefined).currencyName('JPY')).toBe('Japanese Yen');
});
