import { describe, expect, it, test } from 'vitest';
import { localTime } from '../../../../agent/domain/benefits/local-time.ts';
import { decidedAtMs } from '../../../../sync/hq/accuracy/decided-at.ts';
import { isoWeek, mondayOf } from '../../../../sync/hq/accuracy/iso-week.ts';
import {
  type FullData,
  judgeSale,
  type StoredDecision,
} from '../../../../sync/hq/accuracy/judge-sale.ts';
import { NOON_MS } from '../books/rig.ts';
import { compiled, inputAt, memberThere, RULES, ZONE } from './accuracy-rig.ts';

const WHOLE = `${RULES}
  - id: campaign
    name: { zh-CN: 活动, en: Campaign }
    lane: basket
    step: 3
    effect: { kind: fixed-off-order, amountMinor: 10 }
    budget: { id: campaign, limitMinor: 100 }
  - id: coupon
    name: { zh-CN: 券, en: Coupon }
    lane: coupon
    when: '"CP" in codes'
    effect: { kind: fixed-off-order, amountMinor: 5 }
    coupon: { code: CP, uses: single }
  - id: redeem
    name: { zh-CN: 抵现, en: Redeem }
    lane: points-spend
    when: member.known
    effect: { kind: points-redeem, minorPerPoint: 1 }
`;
const OLD = compiled(WHOLE);
const NEW = compiled(
  WHOLE.replace('version: 1', 'version: 2').replace('amountMinor: 100 }', 'amountMinor: 200 }'),
);

/** A till that knows everything, and full data that are the same. */
function fresh(): { stored: StoredDecision; full: FullData } {
  const input = inputAt(NOON_MS, {
    member: memberThere('m-1', 'gold'),
    codes: ['CP'],
    pointsToSpend: 50,
    allowances: {
      points: { reachable: true, available: 100 },
      coupons: { CP: 'available' },
      allotments: {},
    },
    counters: { daily: { 'member-day': 0 } },
    budgetsUsedMinor: { campaign: 0 },
  });
  const { allowances, member, counters, budgetsUsedMinor } = input;
  const { points, coupons, vouchers } = allowances;
  const full = { member, points, coupons, vouchers, counters, budgetsUsedMinor };
  return { stored: { rules: OLD, input }, full: { ...full, rules: OLD, tookForNew: false } };
}

/** What is judged where full data say something else. */
function against(full: Partial<FullData>, input: Partial<StoredDecision['input']> = {}) {
  const base = fresh();
  return judgeSale(
    { ...base.stored, input: { ...base.stored.input, ...input } },
    { ...base.full, ...full },
  );
}

const OFFLINE = { points: { reachable: false }, coupons: {}, allotments: {} } as const;

describe('what a sale gives beside money and points', () => {
  const GIVING = `${RULES}
  - id: climb
    name: { zh-CN: 升级, en: Climb }
    lane: entitlement
    effect:
      kind: spend-tier
      steps: [{ tier: silver, fromMinor: 1000 }, { tier: gold, fromMinor: 5000 }]
  - id: gift
    name: { zh-CN: 赠品, en: Gift }
    lane: entitlement
    effect: { kind: gift-item, buy: { qty: 1 }, gift: { sku: cup, qty: 1 } }
  - id: forest
    name: { zh-CN: 公益, en: Forest }
    lane: entitlement
    effect: { kind: donation, cause: forest, perMinor: 500, amountMinor: 10 }
`;
  const giving = compiled(GIVING);
  const asTill = (member: FullData['member'], rules = giving) => {
    const { stored, full } = fresh();
    const input = { ...stored.input, member: memberThere('m-1', 'silver') };
    return judgeSale({ rules: giving, input }, { ...full, member, rules });
  };

  it('is part of the decision: the tier that it reaches', () => {
    const member = { ...memberThere('m-1', 'silver'), yearSpendMinor: 5_000 } as FullData['member'];
    expect(asTill(memberThere('m-1', 'silver'))).toMatchObject({ cause: null });
    expect(asTill(member)).toMatchObject({
      cause: 'member-stale',
      fields: ['yearSpendMinor'],
      differences: [{ ruleId: 'climb', full: { tierAfter: 'gold' } }],
    });
  });

  it.each([
    ['gift', 'sku: cup, qty: 1', 'sku: cup, qty: 2', { gifts: { cup: 2 } }],
    ['gift', 'sku: cup, qty: 1', 'sku: pot, qty: 1', { gifts: { pot: 1 } }],
    ['forest', '500, amountMinor: 10', '500, amountMinor: 20', { donatedMinor: 20 }],
  ])('is part of the decision: what the rule %s gives', (ruleId, was, is, full) => {
    const later = compiled(GIVING.replace('version: 1', 'version: 2').replace(was, is));
    expect(asTill(memberThere('m-1', 'silver'), later)).toMatchObject({
      cause: 'rule-set-stale',
      differences: [{ ruleId, full }],
    });
  });
});

describe('a decision that is compared with full data', () => {
  it('is accurate where the till knew it all', () => {
    expect(against({})).toEqual({ differences: [], cause: null, fields: [] });
  });

  it.each<[string, Partial<FullData>, Partial<StoredDecision['input']>]>([
    ['rule-set-stale', { rules: NEW }, {}],
    ['member-stale', { member: memberThere('m-1', 'silver') }, {}],
    ['guest-unknown-member', { member: memberThere('m-1', 'silver'), tookForNew: true }, {}],
    ['points-stale', { points: { reachable: true, available: 20 } }, {}],
    ['counter-stale', { counters: { daily: { 'member-day': 1 } } }, {}],
    ['budget-stale', { budgetsUsedMinor: { campaign: 91 } }, {}],
    [
      'coupon-offline',
      {},
      { allowances: { ...OFFLINE, points: { reachable: true, available: 100 } } },
    ],
    ['coupon-stale', { coupons: { CP: 'used' } }, {}],
    ['allowance-offline', {}, { allowances: { ...OFFLINE, coupons: { CP: 'available' } } }],
  ])('names the one kind of data that was stale: %s', (cause, full, input) => {
    const judged = against(full, input);
    expect(judged.cause).toBe(cause);
    expect(judged.differences.length).toBeGreaterThan(0);
  });

  it('is accurate where what was stale changes nothing of this basket', () => {
    const member = { ...memberThere('m-1', 'gold'), completedOrders: 9, tags: ['new'] } as never;
    expect(against({ member, budgetsUsedMinor: { campaign: 90 } }).cause).toBeNull();
  });

  it('takes of several causes that would each explain it the first of the list', () => {
    const member = memberThere('m-1', 'silver');
    expect(against({ rules: NEW, member, coupons: { CP: 'used' } }).cause).toBe('rule-set-stale');
    expect(against({ member, coupons: { CP: 'used' } }).cause).toBe('member-stale');
  });

  it('passes over what was stale but explains nothing', () => {
    const member = { ...memberThere('m-1', 'gold'), completedOrders: 9 } as never;
    expect(against({ member, coupons: { CP: 'used' } }).cause).toBe('coupon-stale');
  });

  it('names which facts of the member were not the latest, and no values', () => {
    const member = { ...memberThere('m-1', 'silver'), tags: ['new'] } as never;
    expect(against({ member }).fields).toEqual(['tags', 'tier']);
    expect(against({ member: null }).fields).toEqual(['status']);
  });

  it('tells of each rule what the till did and what full data would have', () => {
    expect(against({ coupons: { CP: 'used' } }).differences).toEqual([
      {
        ruleId: 'coupon',
        till: { status: 'applied', discountMinor: 5, points: 0 },
        full: { status: 'refused', discountMinor: 0, points: 0 },
      },
    ]);
  });
});

test.each([
  ['2026-11-16', '2026-W47'],
  ['2026-11-22', '2026-W47'],
  ['2026-11-23', '2026-W48'],
  ['2026-01-01', '2026-W01'],
  ['2027-01-01', '2026-W53'],
  ['2024-12-30', '2025-W01'],
])('the business day %s lies in week %s', (day, week) => {
  expect(isoWeek(day)).toBe(week);
});

test('weeks are counted back from the Monday', () => {
  expect(mondayOf('2026-11-22')).toBe('2026-11-16');
  expect(mondayOf('2026-11-16', -7)).toBe('2026-09-28');
});

test.each([
  ['paid in the second of the decision', 0, 0],
  ['paid half a minute after it', 30_000, -30_000 + 549],
  ['paid after midnight', 9 * 60 * 60_000, -9 * 60 * 60_000 + 549],
  ['paid before it, by a clock that was set back', -60_000, 0],
])('a sale %s was decided when its input says, or when it was paid', (_name, later, before) => {
  const atMs = NOON_MS + later + 450;
  expect(decidedAtMs(localTime(NOON_MS, ZONE), atMs, ZONE) - atMs).toBe(before);
});
