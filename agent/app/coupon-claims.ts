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

/**
 * What a hold has to reserve of the codes used: vouchers, and codes that a rule which applies counts. Leaflet codes need
 * no reservation, also where a rule that does not apply would have counted them.
 */
export function claimedCoupons(
  { ruleSet }: CompiledRuleSet,
  { codes, allowances }: EvaluationInput,
  { couponsUsed, outcomes }: Evaluation,
): ClaimedCoupon[] {
  const applied = new Set(
    outcomes.flatMap(({ status, ruleId }) => (status === 'applied' ? ruleId : [])),
  );
  const counted = countedCodes(ruleSet.rules, codes);
  const taken = countedCodes(
    ruleSet.rules.filter(({ id }) => applied.has(id)),
    codes,
  );
  return couponsUsed.flatMap((code) => {
    const voucher = ownValue(allowances.vouchers ?? {}, code);
    if (voucher !== undefined) {
      const partner = ruleSet.partners?.find(({ id }) => id === voucher.partner);
      return { code, times: 1, mayGoUnreserved: partner?.offline === 'accept' };
    }
    // Where several rules count a code, the fewest uses hold, whichever of them applies.
    const times = taken.has(code) ? counted.get(code) : undefined;
    return times === undefined ? [] : { code, times, mayGoUnreserved: false };
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
