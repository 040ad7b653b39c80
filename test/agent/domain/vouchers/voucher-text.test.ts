import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { VOUCHER_TEXT_MAX, voucherCode } from '../../../../agent/contract/voucher.ts';
import { containsPaymentRun } from '../../../../agent/domain/identify/payment-run.ts';
import { defaultCodeRouteConfig } from '../../../../agent/domain/identify/route-config.ts';
import { parseVoucher, unsignedVoucher } from '../../../../agent/domain/vouchers/voucher-text.ts';
import { voucherOf } from '../../../support/vouchers.ts';

const VECTORS = readFileSync(
  new URL('../../../../docs/voucher-format.md', import.meta.url),
  'utf8',
).match(/^TV1~cinema~.*$/gm);

const CLAIMS = {
  partner: 'cinema',
  keyId: 'k1',
  voucherId: 'A-0001',
  campaign: 'tickets',
  memberId: 'm-1',
  notBefore: 20260101,
  notAfter: 20261231,
  faceMinor: 5_000,
};

describe('a voucher', () => {
  test('of the format document is what its claims and its key say, to the byte', () => {
    const { memberId: _, faceMinor: __, ...bare } = CLAIMS;
    const open = { ...bare, voucherId: 'A-0002', campaign: 'popcorn' };
    expect([voucherOf(CLAIMS), voucherOf({ ...open, faceMinor: undefined })]).toEqual(VECTORS);
    expect(VECTORS?.map((text) => parseVoucher(text)?.claims)).toEqual([CLAIMS, open]);
  });

  test('is signed over everything before its last separator', () => {
    const text = voucherOf();
    expect(parseVoucher(text)).toMatchObject({
      signed: text.slice(0, -87),
      signature: text.slice(-86),
    });
  });

  test('with the longest fields fits into the limit, and its name into that of a coupon code', () => {
    const longest = {
      partner: 'p'.repeat(20),
      keyId: 'k'.repeat(32),
      voucherId: 'v'.repeat(32),
      campaign: 'c'.repeat(32),
      memberId: 'm'.repeat(64),
      faceMinor: 900_000_000_000,
    };
    const text = voucherOf(longest);
    expect(text.length).toBe(306);
    expect(text.length).toBeLessThanOrEqual(VOUCHER_TEXT_MAX);
    expect(parseVoucher(text)?.claims).toMatchObject(longest);
    expect(voucherCode(longest).length).toBe(61);
  });

  const whole = voucherOf();
  test.each([
    ['of another version', whole.replace('TV1', 'TV2')],
    ['in lower case', whole.toLowerCase()],
    ['cut short', whole.slice(0, -1)],
    ['with something behind it', `${whole}~`],
    ['with a field too many', whole.replace('~tickets~', '~tickets~x~')],
    ['with a field too few', whole.replace('~tickets', '')],
    ['with a blank', whole.replace('cinema', 'cine ma')],
    ['with a partner in capitals', whole.replace('cinema', 'Cinema')],
    ['without an id', whole.replace('V-1', '')],
    ['with a signed face value', whole.replace('~2000~', '~-2000~')],
    ['with a leading zero', whole.replace('~2000~', '~02000~')],
    ['without a face value that is a number', whole.replace('~2000~', '~2e3~')],
    ['worth nothing', whole.replace('~2000~', '~0~')],
    ['worth more than money goes', whole.replace('~2000~', '~900000000001~')],
    ['without days', whole.replace('20260101', '')],
    ['with padding behind the signature', `${whole.slice(0, -2)}==`],
    ['with the digits of a payment code as its id', whole.replace('V-1', '281234567890123456')],
    ['with such digits inside its id', whole.replace('V-1', 'A1234567890123456')],
    ['longer than the limit', whole.replace('V-1', 'V'.repeat(VOUCHER_TEXT_MAX))],
  ])('%s is none', (_what, text) => {
    expect(text).not.toBe(whole);
    expect(parseVoucher(text)).toBeUndefined();
  });

  test('is never taken for a payment code, whatever it says', () => {
    const id = fc.stringMatching(/^[A-Z0-9-]{1,32}$/).filter((text) => !/\d{16}/.test(text));
    fc.assert(
      fc.property(id, fc.integer({ min: 1, max: 900_000_000_000 }), (voucherId, faceMinor) => {
        const text = voucherOf({ voucherId, faceMinor });
        const unsigned = text.slice(0, -86);
        expect(containsPaymentRun(unsigned, defaultCodeRouteConfig)).toBe(false);
      }),
      { numRuns: 200 },
    );
  });

  test('is taken apart without a throw, whatever the text', () => {
    fc.assert(
      fc.property(fc.string(), (tail) => {
        expect(() => parseVoucher(`TV1~${tail}`)).not.toThrow();
      }),
    );
  });

  test.each([
    ['partner', { ...CLAIMS, partner: 'Big Cinema' }],
    ['voucherId', { ...CLAIMS, voucherId: '1'.repeat(16) }],
    ['memberId', { ...CLAIMS, memberId: 'a~b' }],
    ['faceMinor', { ...CLAIMS, faceMinor: 0.5 }],
    ['notAfter', { ...CLAIMS, notAfter: 20251231 }],
  ])('whose %s does not fit is not issued, and the field is named', (field, claims) => {
    expect(unsignedVoucher(claims as never)).toMatchObject({ ok: false, error: { field } });
  });
});
