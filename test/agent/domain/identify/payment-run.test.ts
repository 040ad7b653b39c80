import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  containsPaymentRun,
  isFixedLengthPayment,
  maskPaymentRuns,
} from '../../../../agent/domain/identify/payment-run.ts';
import { defaultCodeRouteConfig } from '../../../../agent/domain/identify/route-config.ts';

const WECHAT = '134650813205778816';
const ALIPAY = '281234567890123456';

const contains = (text: string): boolean => containsPaymentRun(text, defaultCodeRouteConfig);
const masked = (text: string): string => maskPaymentRuns(text, defaultCodeRouteConfig);

describe('the digits of a payment code are found', () => {
  test.each([
    ['alone', WECHAT],
    ['behind and before other characters', `x${WECHAT}y`],
    [
      'in full-width digits',
      [...WECHAT].map((d) => String.fromCharCode(d.charCodeAt(0) + 0xfee0)).join(''),
    ],
    ['with blanks, controls and zero-width characters inside', '13\u200b4650 813\t205778\u001d816'],
    ['behind the AIM identifier of a reader', `]C1${WECHAT}`],
    ['behind blanks and an AIM identifier', ` ]Q3${ALIPAY}`],
    ['twice', `${WECHAT}${WECHAT}`],
    ['of two wallets one behind the other', `${WECHAT}${ALIPAY}`],
    ['of a wallet with 19 digits', '6212345678901234567'],
  ])('%s', (_name, text) => {
    expect(contains(text)).toBe(true);
  });

  test.each([
    ['a number of other length', `${WECHAT}7`],
    ['a number with another beginning', '334650813205778816'],
    ['digits with letters or hyphens between', '134650-813205778816'],
    ['a payment order of 28 digits', '4200002234202611211234567890'],
    ['an article', '6901234567892'],
    ['nothing', ''],
  ])('but not in %s', (_name, text) => {
    expect(contains(text)).toBe(false);
  });

  test('in a text of any length, without going slow or wrong at its end', () => {
    expect(contains('10'.repeat(2_048))).toBe(false);
    expect(contains(WECHAT.repeat(200))).toBe(true);
  });
});

describe('a reference that is kept', () => {
  test.each([
    ['134650813205778816', '***8816'],
    ['付款 1346 5081 3205 7788 16 已收', '付款 ***8816 已收'],
    [ALIPAY, '***3456'],
  ])('%s loses all but the last four digits: %s', (text, kept) => {
    expect(masked(text)).toBe(kept);
  });

  test.each([
    ['store 1001, day, count', '100120261121000123'],
    ['a day and a count', '202611210001234567'],
    ['a short number', 'R-000123'],
    ['a wallet order of 28 digits', '4200002234202611211234567890'],
    ['full-width text', 'Ｒ－１２３'],
  ])('stays as it is: %s', (_name, text) => {
    expect(masked(text)).toBe(text);
  });

  test('never keeps a run that is found, but for numbers with a day in them', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 10 }),
        fc.stringMatching(/^1[0-5]\d{16}$/),
        (more, code) => {
          const text = `${more.replace(/\d/g, '')}A${code}`;
          fc.pre(!/20[23]/.test(code));
          expect(contains(masked(text))).toBe(false);
        },
      ),
    );
  });
});

test('a number of an article is suspected only where the wallet has codes of one length', () => {
  expect(isFixedLengthPayment(WECHAT, defaultCodeRouteConfig)).toBe(true);
  // The label of a scale.
  expect(isFixedLengthPayment('281234567890123456', defaultCodeRouteConfig)).toBe(false);
  expect(isFixedLengthPayment(`${WECHAT} `, defaultCodeRouteConfig)).toBe(false);
});
