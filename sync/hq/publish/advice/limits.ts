import type { LimitScope, Rule } from '../../../../agent/contract/rules.ts';
import { text } from '../../../../agent/contract/text.ts';
import { formatMinor } from '../../../../agent/domain/benefits/format-money.ts';
import { type Advice, type AdvisedRule, type AdvisedSet, advise } from './advised-set.ts';

/** Each scope counts at most what the ones after it count. */
const WIDER: Readonly<Record<LimitScope, readonly LimitScope[]>> = {
  'member-day': ['member-month', 'member', 'store-day', 'total'],
  'member-month': ['member', 'total'],
  member: ['total'],
  'store-day': ['total'],
  total: [],
};

/** Budgets, caps and limits that can never be reached or that not even one use fits in. */
export function adviseLimits({ rules }: AdvisedSet, currency: string): Advice[] {
  const budgets = new Map<string, { id: string; limitMinor: number }>();
  return rules.flatMap((one) => [
    ...smallBudget(one, currency),
    ...unlikeBudget(one, budgets, currency),
    ...idleCap(one),
    ...idleLimits(one),
  ]);
}

function smallBudget(one: AdvisedRule, currency: string): Advice[] {
  const { budget, effect } = one.rule;
  const least = leastUse(one.rule);
  if (budget === undefined || budget.limitMinor >= least) return [];
  return [
    advise(
      one,
      'limit-unreachable',
      ['budget', 'limitMinor'],
      text(
        `预算 ${formatMinor(budget.limitMinor, currency)} 不足一次 ${effect.kind} 的 ${formatMinor(least, currency)}，永远不会发放`,
        `the budget of ${formatMinor(budget.limitMinor, currency)} does not hold one use of ${formatMinor(least, currency)}: the benefit is never given`,
      ),
    ),
  ];
}

/** The least that one whole use takes. */
function leastUse({ effect, caps }: Rule): number {
  const given =
    effect.kind === 'fixed-off-order' ||
    effect.kind === 'every-amount-off' ||
    effect.kind === 'donation';
  const whole = given ? effect.amountMinor : 1;
  return Math.min(whole, caps.discountMinor ?? whole);
}

function unlikeBudget(
  one: AdvisedRule,
  budgets: Map<string, { id: string; limitMinor: number }>,
  currency: string,
): Advice[] {
  const { budget, id } = one.rule;
  if (budget === undefined) return [];
  const before = budgets.get(budget.id);
  if (before === undefined) {
    budgets.set(budget.id, { id, limitMinor: budget.limitMinor });
    return [];
  }
  if (before.limitMinor === budget.limitMinor) return [];
  return [
    advise(
      one,
      'limit-unreachable',
      ['budget', 'limitMinor'],
      text(
        `预算 ${budget.id} 在规则 ${before.id} 中是 ${formatMinor(before.limitMinor, currency)}，较大的一个永远不会用完`,
        `the budget ${budget.id} is ${formatMinor(before.limitMinor, currency)} in ${before.id}: the larger figure is never reached by both`,
      ),
    ),
  ];
}

function idleCap(one: AdvisedRule): Advice[] {
  const { effect, caps, lane } = one.rule;
  const none = (field: string, zhCN: string, en: string): Advice =>
    advise(one, 'limit-unreachable', ['caps', field], text(zhCN, en));
  const takesMoney =
    effect.kind === 'donation' || (lane !== 'points-earn' && lane !== 'entitlement');
  const movesPoints = effect.kind === 'points-earn' || effect.kind === 'points-redeem';
  if (caps.points !== undefined && !movesPoints)
    return [none('points', '这条规则不动积分', 'this rule neither earns nor takes points')];
  if (caps.discountMinor === undefined) return [];
  if (!takesMoney)
    return [none('discountMinor', '这条规则不减金额', 'this rule takes no money off')];
  return effect.kind === 'fixed-off-order' && effect.amountMinor < caps.discountMinor
    ? [none('discountMinor', '减免金额永远达不到上限', 'what it takes off never reaches the cap')]
    : [];
}

function idleLimits(one: AdvisedRule): Advice[] {
  const { limits, coupon } = one.rule;
  return limits.flatMap(({ scope, max }, position) => {
    const tighter = limits.find(
      (other, place) =>
        place !== position &&
        ((WIDER[scope].includes(other.scope) && other.max < max) ||
          (other.scope === scope && place < position)),
    );
    if (tighter !== undefined) {
      return [
        advise(
          one,
          'limit-unreachable',
          ['limits', position],
          text(
            `上限 ${scope} ${max} 永远达不到：${tighter.scope} 只允许 ${tighter.max}`,
            `the limit ${scope} ${max} is never reached: ${tighter.scope} allows ${tighter.max}`,
          ),
        ),
      ];
    }
    if (coupon?.uses !== 'single' || max === 1) return [];
    return [
      advise(
        one,
        'limit-unreachable',
        ['limits', position],
        text(
          `券码只能用一次，上限 ${max} 永远达不到`,
          `its code works once, so the limit of ${max} is never reached`,
        ),
      ),
    ];
  });
}
