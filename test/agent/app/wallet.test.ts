import { describe, expect, test } from 'vitest';
import { createSelfAllowance } from '../../../agent/app/self-allowance.ts';
import {
  type PointsLot,
  WALLET_MAX_COUPONS,
  WALLET_MAX_LOTS,
  walletSchema,
} from '../../../agent/contract/index.ts';
import { TEST_NOW_MS, TEST_PLACE } from '../../support/store.ts';
import {
  ANNA,
  BO,
  basket,
  failed,
  headquartersPort,
  hold,
  member,
  openTill,
  type Rig,
  type RigOptions,
  ringUp,
  sell,
  TEA,
  value,
} from './rig.ts';

interface Coupon {
  readonly id: string;
  readonly when?: string;
  readonly uses?: 'single' | 'unlimited';
  readonly more?: object;
}

/** One yuan off with the code `C-<id>`. */
function couponRules(coupons: readonly Coupon[]): string {
  return JSON.stringify({
    ruleSet: 'coupons',
    version: 1,
    currency: 'CNY',
    rules: coupons.map(({ id, when, uses = 'unlimited', more }) => ({
      id,
      name: { 'zh-CN': `券 ${id}`, en: `Coupon ${id}` },
      lane: 'coupon',
      when: [`"C-${id}" in codes`, ...(when === undefined ? [] : [when])].join(' && '),
      effect: { kind: 'fixed-off-order', amountMinor: 100 },
      coupon: { code: `C-${id}`, uses },
      ...more,
    })),
  });
}

const openWith = (coupons: readonly Coupon[], more: RigOptions = {}): Rig =>
  openTill({ rules: couponRules(coupons), ...more });
async function walletOf(rig: Rig, id: string = ANNA) {
  const wallet = value(await rig.till.wallet(id));
  expect(walletSchema.parse(wallet)).toEqual(wallet);
  return wallet;
}
const codes = async (rig: Rig, id: string = ANNA) =>
  (await walletOf(rig, id)).coupons.map(({ code }) => code);

describe('the wallet of a member', () => {
  test('has points by category and lot, and the rights that still hold, without naming anybody', async () => {
    const rig = openWith([]);
    rig.store.members.upsert([
      member(ANNA, {
        phone: '13800001234',
        entitlements: [
          { kind: 'parking', validUntil: '2026-11-20' },
          { kind: 'priority-lane', validUntil: '2026-11-21' },
        ],
      }),
    ]);
    const give = (lotId: string, points: number, more: Partial<PointsLot> = {}) =>
      rig.givePoints(ANNA, points, { lotId: lotId as never, ...more });
    give('soon', 10, { expiresOn: '2026-12-01' });
    give('green', 5, { bucket: 'green' });
    give('waits', 20, { availableOn: '2026-12-05' });
    give('gone', 99, { expiresOn: '2026-11-20' });
    expect(await walletOf(rig)).toMatchObject({
      memberId: ANNA,
      maskedName: '王*明',
      tier: 'gold',
      buckets: [
        {
          bucket: 'base',
          available: 10,
          pending: 20,
          expiringSoon: 10,
          firstExpiryOn: '2026-12-01',
        },
        { bucket: 'green', available: 5, pending: 0, expiringSoon: 0 },
      ],
      lots: [{ lotId: 'soon' }, { lotId: 'green' }, { lotId: 'waits', availableOn: '2026-12-05' }],
      coupons: [],
      entitlements: [{ kind: 'priority-lane' }],
    });
  });

  test(`lists ${WALLET_MAX_LOTS} lots at most`, async () => {
    const rig = openWith([]);
    for (let n = 0; n <= WALLET_MAX_LOTS; n++)
      rig.givePoints(ANNA, 1, { lotId: `lot-${String(n).padStart(4, '0')}` as never });
    const { lots, buckets } = await walletOf(rig);
    expect(lots).toHaveLength(WALLET_MAX_LOTS);
    expect(buckets).toMatchObject([{ available: WALLET_MAX_LOTS + 1 }]);
  });

  test('of nobody is refused', async () => {
    expect(failed(await openWith([]).till.wallet('nobody'))).toMatchObject({
      code: 'member-unknown',
      field: 'id',
    });
  });
});

describe('the coupons of a wallet', () => {
  test('are those whose terms on member, store and time hold; what the basket needs is left open', async () => {
    const rig = openWith([
      { id: 'all' },
      { id: 'gold', when: 'member.tier == "gold"' },
      { id: 'shop', when: 'store.id == "store-1" && now.weekday == 6' },
      { id: 'elsewhere', when: 'store.id == "store-2"' },
      { id: 'sunday', when: 'now.weekday == 7' },
      { id: 'large', when: 'basket.listMinor >= 1000000' },
      { id: 'either', when: '(member.tier == "none" || basket.qty > 3)' },
    ]);
    const open = ['C-all', 'C-either', 'C-gold', 'C-large', 'C-shop'];
    expect(await codes(rig)).toEqual(open);
    expect(await codes(rig, BO)).toEqual(open.filter((code) => code !== 'C-gold'));
  });

  test('are in their window, and those that end first come first', async () => {
    const rig = openWith([
      { id: 'a-late', more: { window: { to: '2026-12-31' } } },
      { id: 'b-last-day', more: { window: { from: '2026-11-01', to: '2026-11-21' } } },
      { id: 'c-over', more: { window: { to: '2026-11-20' } } },
      { id: 'd-not-yet', more: { window: { from: '2026-11-22' } } },
      { id: 'e-hour', more: { window: { to: '2026-11-30T12:00' } } },
      { id: 'f-always' },
    ]);
    expect((await walletOf(rig)).coupons.map(({ code, until }) => [code, until])).toEqual([
      ['C-b-last-day', '2026-11-21'],
      ['C-e-hour', '2026-11-30'],
      ['C-a-late', '2026-12-31'],
      ['C-f-always', undefined],
    ]);
  });

  test('that work once are there while they are free, and say so where nobody can be asked', async () => {
    const single = [{ id: 'once', uses: 'single' as const }, { id: 'leaflet' }];
    const rig = openWith(single);
    const states = async (one: Rig) =>
      (await walletOf(one)).coupons.map(({ code, state }) => [code, state]);
    expect(await states(rig)).toEqual([
      ['C-leaflet', 'available'],
      ['C-once', 'available'],
    ]);
    await hold(rig, await ringUp(rig, BO, basket('b1', [TEA], { codes: ['C-once'] })));
    expect(await codes(rig)).toEqual(['C-leaflet']);
    let isReachable = false;
    const away = openWith(single, {
      headquarters: (store) =>
        headquartersPort({
          allowance: {
            ...createSelfAllowance(store, { now: () => TEST_NOW_MS }, TEST_PLACE.store.timeZone),
            reachable: () => isReachable,
          },
        }),
    });
    expect(await states(away)).toEqual([
      ['C-leaflet', 'available'],
      ['C-once', 'unreachable'],
    ]);
    isReachable = true;
    expect(await states(away)).toContainEqual(['C-once', 'available']);
  });

  test('say how many uses are left to the member, and are gone with the last', async () => {
    const rig = openWith([
      {
        id: 'twice',
        more: {
          limits: [
            { scope: 'member', max: 2 },
            { scope: 'total', max: 100 },
          ],
        },
      },
    ]);
    const left = async (id: string = ANNA) =>
      (await walletOf(rig, id)).coupons.map(({ usesLeft }) => usesLeft);
    const use = (id: string) => sell(rig, ANNA, basket(id, [TEA], { codes: ['C-twice'] }));
    expect(await left()).toEqual([2]);
    await use('b1');
    expect(await left()).toEqual([1]);
    await use('b2');
    expect([await left(), await left(BO)]).toEqual([[], [2]]);
  });

  test('are none of a member whom the membership itself turns away', async () => {
    const rig = openWith([{ id: 'all' }]);
    rig.store.members.upsert([member(ANNA, { validUntil: '2026-11-20' })]);
    expect(await codes(rig)).toEqual([]);
  });

  test('are none without rules', async () => {
    expect(await codes(openTill({ rules: null }))).toEqual([]);
  });

  test(`are ${WALLET_MAX_COUPONS} at most`, async () => {
    const many = Array.from({ length: WALLET_MAX_COUPONS + 1 }, (_, n) => ({
      id: String(n).padStart(3, '0'),
      more: { window: { to: n === 0 ? '2027-12-31' : '2026-12-31' } },
    }));
    const shown = await codes(openWith(many));
    expect(shown).toHaveLength(WALLET_MAX_COUPONS);
    expect(shown).not.toContain('C-000');
    expect(await codes(openWith(many.slice(1)))).toHaveLength(WALLET_MAX_COUPONS);
  });
});
