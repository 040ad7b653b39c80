import { expect, test } from 'vitest';
import { toInstant } from '../../../../agent/contract/time.ts';
import { hasMod10CheckDigit } from '../../../../agent/domain/identify/check-digit.ts';
import { countedCodes, couponsAt, vouchersAt } from '../../../../sync/hq/accuracy/coupons-at.ts';
import { passEntries } from '../../../../sync/hq/accuracy/pass-entries.ts';
import { describeOnEngines, must } from '../../../support/hq-database.ts';
import { NOON_MS, openBooks, TODAY } from '../books/rig.ts';
import { compiled, inputAt, RULES } from './accuracy-rig.ts';

const GCN = Array.from({ length: 10 }, (_, n) => `950001234567${n}`).find(hasMod10CheckDigit) ?? '';
const OFFER = '8110123456654321';

const coupon = (id: string, what: string, code: string): string => `
  - id: ${id}
    name: { zh-CN: 券, en: Coupon }
    lane: coupon
    when: '"${code}" in codes'
    effect: { kind: fixed-off-order, amountMinor: 5 }
    coupon: { ${what} }
`;
const SETS = [
  compiled(
    RULES +
      coupon('single', 'code: ONCE, uses: single', 'ONCE') +
      coupon('leaflet', 'code: LEAF, uses: unlimited', 'LEAF') +
      coupon('thrice', 'code: MANY, uses: { times: 3 }', 'MANY') +
      coupon('serial', `gcn: "${GCN}", uses: single`, `gcn:${GCN}`) +
      coupon('offer', `code: "${OFFER}", uses: single`, OFFER),
  ),
];
const VOUCHERS = {
  'voucher:partner:1': { state: 'unreachable', partner: 'partner', campaign: 'c' },
  'voucher:partner:2': { state: 'expired', partner: 'partner', campaign: 'c' },
} as const;

test('codes are counted that are granted so often only, coupons of a GCN or an offer by their serial, vouchers once', () => {
  const input = inputAt(NOON_MS, {
    codes: ['ONCE', 'LEAF', 'MANY', `255${GCN}77`, `${OFFER}/123456`, 'NOBODY'],
    allowances: {
      points: { reachable: false },
      coupons: {},
      allotments: {},
      vouchers: VOUCHERS,
    } as never,
  });
  expect(Object.fromEntries(countedCodes(input, SETS))).toEqual({
    ONCE: 1,
    MANY: 3,
    [`255${GCN}77`]: 1,
    [`${OFFER}/123456`]: 1,
    'voucher:partner:1': 1,
    'voucher:partner:2': 1,
  });
});

test('of vouchers the chain says whether they were used, their text and the day say the rest', () => {
  const used = { 'voucher:partner:1': 'used', 'voucher:partner:2': 'used' } as const;
  expect(vouchersAt(VOUCHERS as never, used)).toMatchObject({
    'voucher:partner:1': { state: 'used' },
    'voucher:partner:2': { state: 'expired' },
  });
  expect(vouchersAt(undefined, used)).toBeUndefined();
});

describeOnEngines('coupons at a moment', (hq) => {
  test('are used up by as many sales before it as they are good for, and by no later one', async () => {
    const rig = openBooks(await hq.fresh());
    const till = rig.till('till-1');
    for (let n = 0; n < 3; n++)
      till.entry({ couponsUsed: ['MANY'], header: { at: toInstant(NOON_MS + n * 1_000) } });
    must(await till.send());
    expect(await passEntries(rig.db)).toBe(3);
    const at = (atMs: number, times: number) =>
      couponsAt(rig.db, new Map([['MANY', times]]), {
        atMs,
        day: TODAY,
        tillId: 'till-2',
        incarnation: 'other',
        seq: 1,
      });
    expect(await at(NOON_MS, 1)).toEqual({ MANY: 'available' });
    expect(await at(NOON_MS + 1, 1)).toEqual({ MANY: 'used' });
    expect(await at(NOON_MS + 2_000, 3)).toEqual({ MANY: 'available' });
    expect(await at(NOON_MS + 2_001, 3)).toEqual({ MANY: 'used' });
  });
});
