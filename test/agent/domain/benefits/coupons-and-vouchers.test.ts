import { describe, expect, test } from 'vitest';
import type { Evaluation } from '../../../../agent/contract/evaluation.ts';
import { VOUCHER_STATES, type VoucherFacts } from '../../../../agent/contract/voucher.ts';
import { nearMisses } from '../../../../agent/domain/benefits/near-misses.ts';
import { inputOf, memberOf, outcome, rulesOf, run } from '../../../support/benefits.ts';
import { cinema } from '../../../support/vouchers.ts';

type Fields = Record<string, unknown>;

const OFF = { kind: 'fixed-off-order', amountMinor: 100 };
const GCN = '4006381333931';
const rule = (id: string, more: Fields): Fields => ({ id, lane: 'coupon', effect: OFF, ...more });

/** A basket of 50.00 with codes, and what their holder says. */
function basket(codes: readonly string[], allowances: Fields = {}, more: Fields = {}) {
  return inputOf([['a', 1, 5_000]], {
    codes,
    allowances: { points: { reachable: false }, coupons: {}, allotments: {}, ...allowances },
    ...more,
  });
}

const noticed = ({ notices }: Evaluation) => notices.map(({ code, field }) => [code, field]);

describe('a coupon of limited uses', () => {
  const limited = rulesOf([rule('c', { coupon: { code: 'TEN', uses: { times: 10 } } })]);

  test('applies while its holder has uses left, and is claimed', () => {
    const evaluation = run(limited, basket(['TEN'], { coupons: { TEN: 'available' } }));
    expect(evaluation).toMatchObject({ couponsUsed: ['TEN'], payableMinor: 4_900 });
  });

  test('is refused once its uses are taken, in words of its own', () => {
    const refused = outcome(run(limited, basket(['TEN'], { coupons: { TEN: 'used' } })), 'c');
    expect(refused).toMatchObject({ status: 'refused', code: 'coupon-used' });
    expect(refused.text).toEqual({
      'zh-CN': '这张券的使用次数已满',
      en: 'This coupon has been used as often as it may be',
    });
  });

  test('is refused where its holder cannot be asked', () => {
    expect(outcome(run(limited, basket(['TEN'])), 'c')).toMatchObject({
      status: 'refused',
      code: 'allowance-unreachable',
    });
  });
});

describe('a GS1 coupon', () => {
  const of = (uses: unknown) => rulesOf([rule('g', { coupon: { gcn: GCN, uses } })]);
  const serial = (digits: string) => `255${GCN}${digits}`;

  test('applies by its number, whatever the serial, and is told with it', () => {
    for (const code of [serial('77'), serial('')]) {
      const evaluation = run(of('unlimited'), basket([code]));
      expect(evaluation).toMatchObject({ couponsUsed: [code], notices: [] });
      expect(outcome(evaluation, 'g').status).toBe('applied');
    }
    expect(run(of('unlimited'), basket([GCN])).couponsUsed).toEqual([serial('')]);
  });

  test('that works once is counted by its serial: another one of the same number is good', () => {
    const coupons = { [serial('1')]: 'used', [serial('2')]: 'available' };
    expect(outcome(run(of('single'), basket([serial('1')], { coupons })), 'g')).toMatchObject({
      status: 'refused',
      code: 'coupon-used',
    });
    expect(run(of('single'), basket([serial('1'), serial('2')], { coupons })).couponsUsed).toEqual([
      serial('2'),
    ]);
  });

  test('that works once is refused without a serial, which alone tells it from others', () => {
    const coupons = { [serial('')]: 'available' };
    expect(outcome(run(of('single'), basket([serial('')], { coupons })), 'g')).toMatchObject({
      status: 'refused',
      code: 'coupon-serial',
    });
    expect(run(of({ times: 5 }), basket([serial('')], { coupons })).couponsUsed).toEqual([
      serial(''),
    ]);
  });

  test('with a wrong check digit is told so, with its place', () => {
    const evaluation = run(of('unlimited'), basket(['CP', `255${GCN.slice(0, -1)}2`]));
    expect(outcome(evaluation, 'g').status).toBe('not-applicable');
    expect(noticed(evaluation)).toEqual([
      ['code-unknown', 'codes.0'],
      ['coupon-check-digit', 'codes.1'],
    ]);
  });

  test('without a rule for it is an unknown code like any other', () => {
    const plain = rulesOf([rule('c', { coupon: { code: 'TEN', uses: 'unlimited' } })]);
    expect(noticed(run(plain, basket([`255${GCN.slice(0, -1)}2`])))).toEqual([
      ['code-unknown', 'codes.0'],
    ]);
  });

  test('is not opened by a code that only looks like what the rule asks for inside', () => {
    const evaluation = run(of('unlimited'), basket([`gcn:${GCN}`]));
    expect(outcome(evaluation, 'g')).toMatchObject({ code: 'code-missing' });
    expect(evaluation.couponsUsed).toEqual([]);
  });
});

describe('a voucher', () => {
  const NAME = 'voucher:cinema:V-1';
  const tickets = { partner: 'cinema', campaign: 'tickets' };
  const facts = (more: Partial<VoucherFacts> = {}): VoucherFacts => ({
    state: 'available',
    ...tickets,
    faceMinor: 2_000,
    ...more,
  });
  const rules = (...more: Fields[]) => rulesOf(more, { partners: [cinema()] });
  const value = rule('v', { voucher: tickets, effect: { kind: 'voucher-value' } });
  const with1 = (more: Partial<VoucherFacts> = {}) =>
    basket([NAME], { vouchers: { [NAME]: facts(more) } });

  test('takes its face value off the order and is claimed by its name', () => {
    const evaluation = run(rules(value), with1());
    expect(evaluation).toMatchObject({
      payableMinor: 3_000,
      couponsUsed: [NAME],
      notices: [],
    });
  });

  test('gives whatever its rule gives, as a coupon does', () => {
    const half = rule('v', {
      voucher: tickets,
      effect: { kind: 'percent-off-order', percentBp: 5_000 },
    });
    expect(run(rules(half), with1()).payableMinor).toBe(2_500);
  });

  test('takes no more than the cap, and no more than is left to pay', () => {
    expect(run(rules({ ...value, caps: { discountMinor: 500 } }), with1()).payableMinor).toBe(
      4_500,
    );
    expect(run(rules(value), with1({ faceMinor: 9_000 })).payableMinor).toBe(0);
  });

  const sentences = new Set<string>();
  const codes: Record<Exclude<VoucherFacts['state'], 'available' | 'unreadable'>, string> = {
    foreign: 'voucher-foreign',
    altered: 'voucher-altered',
    revoked: 'voucher-revoked',
    'not-yet': 'voucher-not-yet',
    expired: 'voucher-expired',
    'other-member': 'voucher-other-member',
    used: 'voucher-used',
    unreachable: 'allowance-unreachable',
  };
  test.each(Object.entries(codes))(
    'that is %s is refused with %s and a sentence',
    (state, code) => {
      const evaluation = run(rules(value), with1({ state: state as VoucherFacts['state'] }));
      const refused = outcome(evaluation, 'v');
      expect(refused).toMatchObject({ status: 'refused', code });
      expect(evaluation).toMatchObject({ payableMinor: 5_000, couponsUsed: [], notices: [] });
      expect(refused.text['zh-CN']).toMatch(/券/);
      sentences.add(refused.text.en).add(refused.text['zh-CN']);
    },
  );

  test('has a sentence of its own for each reason', () => {
    expect(sentences.size).toBe(2 * Object.keys(codes).length);
    expect(VOUCHER_STATES).toHaveLength(Object.keys(codes).length + 2);
  });

  test('that cannot be read, or that no rule asks for, is told with its place', () => {
    const two = basket(['voucher?1', 'voucher?2', 'voucher:cinema:V-9'], {
      vouchers: {
        'voucher?1': { state: 'unreadable' },
        'voucher?2': facts({ state: 'foreign', partner: 'circus' }),
        'voucher:cinema:V-9': facts({ campaign: 'popcorn' }),
      },
    });
    expect(noticed(run(rules(value), two))).toEqual([
      ['voucher-unreadable', 'codes.0'],
      ['voucher-foreign', 'codes.1'],
      ['code-unknown', 'codes.2'],
    ]);
  });

  test('without a face value pays nothing where its face value is what counts', () => {
    const { faceMinor: _, ...bare } = facts();
    const input = basket([NAME], { vouchers: { [NAME]: bare } });
    expect(outcome(run(rules(value), input), 'v')).toMatchObject({
      status: 'refused',
      code: 'voucher-no-value',
    });
    expect(run(rules(rule('v', { voucher: tickets })), input).payableMinor).toBe(4_900);
  });

  test('of two of a campaign the first good one is used; the other is kept, which is said', () => {
    const [spent, good, spare] = ['1', '2', '3'].map((n) => `voucher:cinema:${n}`);
    const input = basket([spent, good, spare] as string[], {
      vouchers: {
        [spent as string]: facts({ state: 'used' }),
        [good as string]: facts(),
        [spare as string]: facts({ faceMinor: 5_000 }),
      },
    });
    const evaluation = run(rules(value), input);
    expect(evaluation).toMatchObject({ payableMinor: 3_000, couponsUsed: [good] });
    expect(noticed(evaluation)).toEqual([
      ['code-not-used', 'codes.0'],
      ['code-not-used', 'codes.2'],
    ]);
  });

  test('is not there because somebody types its name', () => {
    for (const code of [NAME, 'voucher:cinema/tickets']) {
      const evaluation = run(rules(value), basket([code]));
      expect(evaluation).toMatchObject({ payableMinor: 5_000, couponsUsed: [] });
      expect(outcome(evaluation, 'v').code).toBe('code-missing');
    }
  });

  test('asks for the right to use coupons', () => {
    const withheld = { coupon: { 'zh-CN': '请出示会员码', en: 'Show the member code' } };
    const input = basket([NAME], { vouchers: { [NAME]: facts() } }, { withheld });
    expect(outcome(run(rules({ ...value, lane: 'coupon' }), input), 'v')).toMatchObject({
      code: 'proof-needed',
    });
  });

  test('that was not presented is no near miss', () => {
    const atLeast = { ...value, when: 'basket.listMinor >= 6000' };
    expect(nearMisses(rules(atLeast), basket([]))).toEqual([]);
    const input = basket([NAME], { vouchers: { [NAME]: facts() } });
    expect(nearMisses(rules(atLeast), input)).toMatchObject([{ ruleId: 'v', missing: 1_000 }]);
  });
});

describe('one code in two rules', () => {
  test('is used once for the whole basket, and every rule that names it takes effect', () => {
    const rules = rulesOf([
      rule('off', { coupon: { code: 'ONE', uses: 'single' } }),
      {
        id: 'double',
        lane: 'points-earn',
        coupon: { code: 'ONE', uses: 'single' },
        effect: { kind: 'points-earn', perMinor: 100, points: 2 },
      },
    ]);
    const input = basket(['ONE'], { coupons: { ONE: 'available' } }, { member: memberOf() });
    expect(run(rules, input)).toMatchObject({
      couponsUsed: ['ONE'],
      discountMinor: 100,
      points: { earned: 98 },
    });
  });
});

describe('a guest who presents the code of a benefit for members', () => {
  const coupon = { code: 'ONE', uses: 'unlimited' };
  test.each([
    [
      'points earned',
      { lane: 'points-earn', effect: { kind: 'points-earn', perMinor: 100, points: 1 } },
    ],
    [
      'a multiplier',
      { lane: 'points-earn', effect: { kind: 'points-multiplier', factorBp: 20_000 } },
    ],
    [
      'points spent',
      { lane: 'points-spend', effect: { kind: 'points-redeem', minorPerPoint: 10 } },
    ],
    [
      'a tier',
      {
        lane: 'entitlement',
        effect: { kind: 'spend-tier', steps: [{ tier: 'gold', fromMinor: 0 }] },
      },
    ],
  ])('is turned down, and is told to identify: %s', (_what, more) => {
    const rules = rulesOf([{ id: 'c', coupon, ...more }]);
    expect(outcome(run(rules, basket(['ONE'])), 'c')).toMatchObject({
      status: 'refused',
      code: 'member-unknown',
    });
    const open = rulesOf([{ id: 'c', ...more }]);
    expect(outcome(run(open, basket([])), 'c')).toMatchObject({
      status: 'not-applicable',
      code: 'member-unknown',
    });
  });
});
