import { describe, expect, test } from 'vitest';
import { readCoupon8110 } from '../../../../agent/domain/gs1/coupon-8110.ts';
import { readCoupon8112 } from '../../../../agent/domain/gs1/coupon-8112.ts';
import { couponTermsOf } from '../../../../agent/domain/gs1/coupon-terms.ts';
import { parseStrict } from '../../../../agent/domain/gs1/parse-gs1.ts';
import { routeCode } from '../../../../agent/domain/identify/route-code.ts';

/** Company 123456, offer 654321, save value 50, two pieces of family 123. */
const SHORT = '0123456654321250120123';
const GS = '\u001d';

describe('the inside of AI 8110', () => {
  test('holds every field, where all stand', () => {
    const whole = [
      SHORT,
      '1012045617654321',
      '21307899',
      '3261231',
      '4260101',
      '50123456',
      '617654321',
      '90100',
    ].join('');
    expect(readCoupon8110(whole)).toEqual({
      ok: true,
      value: {
        companyPrefix: '123456',
        offerCode: '654321',
        saveValue: '50',
        purchases: [
          { requirement: '2', requirementCode: '0', familyCode: '123' },
          {
            requirement: '2',
            requirementCode: '0',
            familyCode: '456',
            companyPrefix: '7654321',
          },
          { requirement: '3', requirementCode: '0', familyCode: '789' },
        ],
        additionalRules: '0',
        expires: '261231',
        starts: '260101',
        serial: '123456',
        retailer: '7654321',
        misc: { saveValueCode: '0', appliesToItem: '1', storeCoupon: '0', dontMultiply: '0' },
      },
    });
  });

  test.each([
    ['', 'company-prefix', 0],
    ['7', 'company-prefix', 0],
    ['012345', 'company-prefix', 1],
    ['012345612345', 'offer-code', 7],
    ['01234566543216', 'save-value', 13],
    ['0123456654321250', 'first-purchase', 16],
    ['01234566543212501205', 'first-purchase', 19],
    [`${SHORT}14`, 'additional-rules', 23],
    [`${SHORT}1012045678`, 'second-purchase', 30],
    [`${SHORT}21307898`, 'third-purchase', 29],
    [`${SHORT}3261301`, 'expiry', 23],
    [`${SHORT}3261200`, 'expiry', 23],
    [`${SHORT}4260229`, 'start', 23],
    [`${SHORT}32601014260102`, 'start', 30],
    [`${SHORT}5012345`, 'serial', 24],
    [`${SHORT}60123456`, 'retailer', 23],
    [`${SHORT}93000`, 'save-value-code', 23],
    [`${SHORT}90300`, 'applies-to-item', 24],
    [`${SHORT}901`, 'store-coupon', 25],
    [`${SHORT}90102`, 'dont-multiply', 26],
    [`${SHORT}901000`, 'excess', 27],
    [`${SHORT}42601013261231`, 'excess', 29],
  ])('%j is refused for its %s from %i', (value, part, at) => {
    expect(readCoupon8110(value)).toEqual({ ok: false, error: { code: 'wrong-coupon', part, at } });
  });

  test('is digits alone', () => {
    expect(readCoupon8110(`${SHORT}X`)).toEqual({
      ok: false,
      error: { code: 'wrong-character', at: 22 },
    });
  });
});

describe('the inside of AI 8112', () => {
  test('is format, funder, offer and serial', () => {
    expect(readCoupon8112('0121234567865432117654321')).toEqual({
      ok: false,
      error: { code: 'wrong-coupon', part: 'excess', at: 24 },
    });
    expect(readCoupon8112('021234567865432117654321')).toEqual({
      ok: true,
      value: { format: '0', funder: '12345678', offerCode: '654321', serial: '7654321' },
    });
  });

  test.each([
    ['2', 'format', 0],
    ['07', 'funder', 1],
    ['0012345', 'funder', 2],
    ['0012345665432', 'offer-code', 8],
    ['00123456654321012345', 'serial', 15],
  ])('%j is refused for its %s from %i', (value, part, at) => {
    expect(readCoupon8112(value)).toEqual({ ok: false, error: { code: 'wrong-coupon', part, at } });
  });
});

describe('what a coupon says of itself', () => {
  const terms = (text: string) => {
    const read = parseStrict({ text, aim: ']C1' });
    return read.ok ? couponTermsOf(read.value.elements) : read.error;
  };

  test.each([
    [
      `255950110153746047807${GS}3902${'1250'}${GS}17271231`,
      {
        gcn: '9501101537460',
        serial: '47807',
        amount: { digits: 1250, exponent: -2 },
        expires: '271231',
      },
    ],
    [
      `255950110153746047807${GS}39418503`,
      { gcn: '9501101537460', serial: '47807', percentOff: { digits: 8503, exponent: -1 } },
    ],
    [`2559501101537460${GS}81110250`, { gcn: '9501101537460', points: 250 }],
    [`8112001234561234560123456`, { northAmerican: { funder: '123456', serial: '123456' } }],
  ])('%j', (text, expected) => {
    expect(terms(text)).toMatchObject(expected);
  });

  test('a best-before day (15) is no day of a coupon, by the dictionary; its last day is (17)', () => {
    expect(terms(`2559501101537460${GS}15271231`)).toMatchObject({
      code: 'missing-partner',
      ai: '15',
    });
  });

  test('an article says nothing of a coupon', () => {
    expect(terms('0109501101530126')).toBeUndefined();
  });
});

test('a North American coupon is a coupon by company and offer, its serial apart', () => {
  expect(routeCode({ text: `]e08110${SHORT}50123456` })).toEqual({
    class: 'coupon',
    code: '8110123456654321',
    serial: '123456',
  });
  expect(routeCode({ text: `]e08110${SHORT}` })).toEqual({
    class: 'coupon',
    code: '8110123456654321',
  });
  expect(routeCode({ text: ']C18112001234561234560123456' })).toEqual({
    class: 'coupon',
    code: '8112123456123456',
    serial: '123456',
  });
  expect(routeCode({ text: `]e08110${SHORT}7` }).class).toBe('unknown');
});
