import type { RuleSet } from '../../../agent/contract/rules.ts';
import { type Advice, advisedSet } from './advice/advised-set.ts';
import { adviseBelowBase } from './advice/below-base.ts';
import { adviseCouponCodes } from './advice/coupon-codes.ts';
import { adviseLimits } from './advice/limits.ts';
import { adviseNames } from './advice/name-disagrees.ts';
import { adviseNeverHolds } from './advice/never-holds.ts';
import { adviseNeverWins } from './advice/never-wins.ts';
import { advisePartOrder } from './advice/part-order.ts';
import { advisePointsOrder } from './advice/points-order.ts';
import { adviseStacks } from './advice/stack.ts';
import { adviseUnknown, type KnownChain } from './advice/unknown-in-chain.ts';
import { adviseWindows } from './advice/windows.ts';

export interface AdviceOptions {
  /** Share of the list price that rules may take together, in basis points. */
  readonly stackLimitBp?: number;
  /** What the chain has; absent = names are not looked up. */
  readonly chain?: KnownChain;
}

/**
 * What an author should look at again in rules that are valid: each warning names a rule that cannot do what its author
 * most likely meant. Where that cannot be told for certain the advice is silent.
 */
export function adviseRules(
  { rules, currency }: Pick<RuleSet, 'rules' | 'currency'>,
  { stackLimitBp, chain }: AdviceOptions = {},
): Advice[] {
  const set = advisedSet(rules);
  return [
    ...adviseNeverHolds(set),
    ...adviseNeverWins(set),
    ...adviseStacks(set, stackLimitBp),
    ...adviseBelowBase(set),
    ...adviseNames(set),
    ...adviseWindows(set),
    ...adviseCouponCodes(set),
    ...adviseLimits(set, currency),
    ...advisePartOrder(set),
    ...advisePointsOrder(set),
    ...(chain === undefined ? [] : adviseUnknown(set, chain)),
  ];
}
