import type { Lane } from '../../contract/evaluation.ts';
import type { Rule } from '../../contract/rules.ts';

/**
 * The lane whose right a rule uses, which is what a policy grants or withholds: spending points and using a coupon or voucher
 * stay what they are in whatever lane an author puts them.
 */
export function rightOf(rule: Pick<Rule, 'effect' | 'lane' | 'coupon' | 'voucher'>): Lane {
  if (rule.effect.kind === 'points-redeem') return 'points-spend';
  return rule.coupon === undefined && rule.voucher === undefined ? rule.lane : 'coupon';
}
