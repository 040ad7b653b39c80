import { describe, expect, test } from 'vitest';
import type { MemberId } from '../../../../agent/contract/index.ts';
import { type Partner, partnerSchema } from '../../../../agent/contract/voucher.ts';
import {
  judgeVoucher,
  type VoucherJudgement,
} from '../../../../agent/domain/vouchers/judge-voucher.ts';
import { parseVoucher } from '../../../../agent/domain/vouchers/voucher-text.ts';
import { createVoucherCrypto } from '../../../../agent/store/voucher-crypto.ts';
import { publicKeyText } from '../../../../sync/protocol/public-key-text.ts';
import { cinema, STRANGE_KEY, voucherOf } from '../../../support/vouchers.ts';

const partners = (more: object = {}): Partner[] => [partnerSchema.parse(cinema({ ...more }))];

function judged(text: string, more: Partial<VoucherJudgement> = {}) {
  const read = parseVoucher(text);
  if (read === undefined) throw new Error('no voucher');
  return judgeVoucher(read, {
    partners: partners(),
    crypto: createVoucherCrypto(),
    today: 20260601,
    memberId: null,
    ...more,
  });
}

describe('a voucher', () => {
  test('with the signature of a known key is good within its days', () => {
    expect(judged(voucherOf())).toBe('available');
  });

  test('a voucher with a foreign signature is told so: of an unknown partner, or an unknown key', () => {
    expect(judged(voucherOf({ partner: 'circus' }))).toBe('foreign');
    expect(judged(voucherOf({ keyId: 'k2' }))).toBe('foreign');
    expect(judged(voucherOf(), { partners: [] })).toBe('foreign');
  });

  test('a voucher signed by a key that only claims a known name is altered', () => {
    expect(judged(voucherOf({}, STRANGE_KEY))).toBe('altered');
  });

  test.each([
    ['its face value', '~2000~', '~9000~'],
    ['its last day', '~20261231~', '~20361231~'],
    ['its id', '~V-1~', '~V-2~'],
    ['its campaign', '~tickets~', '~popcorn~'],
    ['the member taken out', '~m-1~', '~~'],
  ])('an altered voucher is told so: %s', (_what, from, to) => {
    const text = voucherOf({ memberId: 'm-1' });
    const changed = text.replace(from, to);
    expect(changed).not.toBe(text);
    expect(judged(changed, { memberId: 'm-1' as MemberId })).toBe('altered');
    expect(judged(text, { memberId: 'm-1' as MemberId })).toBe('available');
  });

  test('an expired voucher is told so: the last day is its last, the first its first', () => {
    const of = (today: number) =>
      judged(voucherOf({ notBefore: 20260301, notAfter: 20260531 }), { today });
    expect([20260228, 20260301, 20260531, 20260601].map(of)).toEqual([
      'not-yet',
      'available',
      'available',
      'expired',
    ]);
  });

  test('of a revoked key is told so, unless it was altered besides', () => {
    const keys = [{ ...cinema().keys[0], revoked: true }];
    expect(judged(voucherOf(), { partners: partners({ keys }) })).toBe('revoked');
    expect(judged(voucherOf({}, STRANGE_KEY), { partners: partners({ keys }) })).toBe('altered');
  });

  test('that is bound to a member is good for that member and accounts merged into one with it', () => {
    const bound = voucherOf({ memberId: 'm-1' });
    const as = (memberId: string | null) =>
      judged(bound, { memberId: memberId as MemberId | null });
    expect([as('m-1'), as('m-2'), as(null)]).toEqual(['available', 'other-member', 'other-member']);
    const isSameMember = (a: string, b: string): boolean => a === 'm-1' && b === 'm-2';
    expect(judged(bound, { memberId: 'm-2' as MemberId, isSameMember })).toBe('available');
  });

  test('is altered where the key is no key at all', () => {
    const publicKey = `MCowBQYDK2VwAyEA${'/'.repeat(43)}=`;
    const keys = [{ keyId: 'k1', publicKey }];
    expect(judged(voucherOf(), { partners: partners({ keys }) })).toBe('altered');
    expect(publicKeyText(STRANGE_KEY)).toMatch(/^MCowBQYDK2VwAyEA/);
  });
});
