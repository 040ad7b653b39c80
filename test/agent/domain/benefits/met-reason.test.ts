import { describe, expect, it } from 'vitest';
import type { Text } from '../../../../agent/contract/text.ts';
import { inputOf, memberOf, outcome, rulesOf, run } from '../../../support/benefits.ts';

const effect = { kind: 'percent-off-order', percentBp: 1_000 };
const anna = { member: memberOf({ tier: 'diamond', birthdayToday: true }) };

/** The sentence of a rule that applies to 300.00 yuan of three articles. */
function saidOf(rule: Record<string, unknown>, rest: Record<string, unknown> = anna): Text {
  const evaluation = run(
    rulesOf([{ id: 'r', effect, ...rule }]),
    inputOf([['x', 3, 10_000]], rest),
  );
  expect(outcome(evaluation, 'r').status).toBe('applied');
  return outcome(evaluation, 'r').text;
}

describe('a benefit that applies says what the member gets it for', () => {
  it('their own tier, not the tiers that it is for', () => {
    expect(saidOf({ when: 'member.tier in ["gold", "diamond"]' })).toEqual({
      'zh-CN': '优惠 30.00 元（会员等级：钻石）',
      en: 'CNY 30.00 off (member tier Diamond)',
    });
  });

  it('the subtotal that was reached', () => {
    expect(saidOf({ when: 'basket.listMinor >= 20000' }, {})).toEqual({
      'zh-CN': '优惠 30.00 元（已满 200.00 元）',
      en: 'CNY 30.00 off (CNY 200.00 reached)',
    });
  });

  it('two reasons at most', () => {
    const when = 'member.tier == "diamond" && basket.qty >= 2 && basket.listMinor >= 10000';
    expect(saidOf({ when })['zh-CN']).toBe('优惠 30.00 元（会员等级：钻石，已满 2 件）');
  });

  it('a code that was shown, without repeating it', () => {
    const coupon = { code: 'CP-TEN', uses: 'unlimited' };
    const said = saidOf({ lane: 'coupon', coupon }, { codes: ['CP-TEN'] });
    expect(said.en).toBe('CNY 30.00 off (code presented)');
    expect(JSON.stringify(said)).not.toContain('CP-TEN');
  });

  it('nothing in brackets where everybody gets it', () => {
    expect(saidOf({}, {})).toEqual({ 'zh-CN': '优惠 30.00 元', en: 'CNY 30.00 off' });
  });
});
