import type { Evaluation, EvaluationId, EvaluationInput } from '../contract/index.ts';
import type { CompiledRuleSet } from '../domain/benefits/compile-rule-set.ts';
import { countedCodes } from '../domain/benefits/counted-codes.ts';
import { ownValue } from '../domain/benefits/own-value.ts';
import type { TillContext } from './context.ts';

/** A code that an evaluation uses up and that others could use too. */
export interface ClaimedCoupon {
  readonly code: string;
  /** Uses that it is good for over the chain. */
  readonly times: number;
  /** Where its holder cannot be asked it is used all the same, and headquarters finds the second use. */
  readonly mayGoUnreserved: boolean;
}

/** What a hold has to reserve of the codes used; leaflet codes need no reservation. */
export function claimedCoupons(
  { ruleSet }: CompiledRuleSet,
  { codes, allowances }: EvaluationInput,
  { couponsUsed }: Evaluation,
): ClaimedCoupon[] {
  const counted = countedCodes(ruleSet.rules, codes);
  return couponsUsed.flatMap((code) => {
    const voucher = ownValue(allowances.vouchers ?? {}, code);
    if (voucher !== undefined) {
      const partner = ruleSet.partners?.find(({ id }) => id === voucher.partner);
      return { code, times: 1, mayGoUnreserved: partner?.offline === 'accept' };
    }
    // Its holder was asked, or it is one that nobody counts.
    return Object.hasOwn(allowances.coupons, code)
      ? { code, times: counted.get(code) ?? 1, mayGoUnreserved: false }
      : [];
  });
}

/**
 * Codes claimed that another sale of this till took in between; call it right before they are reserved.
 * @param except the hold that the one to come takes the place of
 */
export function couponsGone(
  { store }: Pick<TillContext, 'store'>,
  claimed: readonly ClaimedCoupon[],
  except: EvaluationId | undefined,
): string[] {
  return claimed.flatMap(({ code, times }) =>
    store.coupons.state(code, { times, except }).state === 'free' ? [] : code,
  );
}
