import type { EntryReply, EvaluateReply } from '../../agent/contract/index.ts';
import type { Pos } from '../support/pos.ts';
import { CASHIER, cardOf } from '../support/small-chain.ts';
import { isLostConnection, type SalePlan } from './kill-sales.ts';

/** Attempts for one sale; each kill and each refusal costs one. */
const ATTEMPTS_MAX = 20;
/** From this attempt on the shopper pays with money alone: headquarters may be away for long. */
const WITHOUT_POINTS_FROM = 2;

/**
 * Sells as a careful POS does where points may be refused: an answer that was lost is asked for by its key first, then
 * the sale begins again; points that headquarters does not grant are tried once more and then paid with money.
 * @param restarted settles once the till runs again
 */
export async function sellBesideHeadquarters(
  pos: () => Pos,
  plan: SalePlan,
  restarted: () => Promise<void>,
): Promise<EntryReply> {
  let refused = '';
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    try {
      if (attempt > 0) {
        const known = await pos().call<EntryReply>('GET', `/commits/${plan.key}`);
        if (known.status === 200) return known.body;
      }
      const evaluation = await evaluate(pos(), plan, attempt);
      const held = await pos().call('POST', `/evaluations/${evaluation.evaluationId}/hold`, {
        basketHash: evaluation.basketHash,
        staffId: CASHIER.staffId,
      });
      if (held.status !== 200) {
        refused = `hold answered ${held.status} ${JSON.stringify(held.body)}`;
        continue;
      }
      const committed = await pos().call<EntryReply>(
        'POST',
        `/evaluations/${evaluation.evaluationId}/commit`,
        {
          basketHash: evaluation.basketHash,
          referenceId: plan.key,
          staffId: CASHIER.staffId,
          payment: { paidMinor: evaluation.evaluation.payableMinor },
        },
        { 'idempotency-key': plan.key },
      );
      if (committed.status === 200) return committed.body;
      throw new Error(`commit answered ${committed.status} ${JSON.stringify(committed.body)}`);
    } catch (error) {
      if (!isLostConnection(error)) throw error;
      // The till was killed: wait until it runs again before asking what became of the sale.
      await restarted();
    }
  }
  throw new Error(`sale ${plan.key} was not settled in ${ATTEMPTS_MAX} attempts; ${refused}`);
}

async function evaluate(pos: Pos, plan: SalePlan, attempt: number): Promise<EvaluateReply> {
  const identified = plan.member === null ? undefined : await pos.identify(cardOf(plan.member));
  const { pointsToSpend, ...basket } = plan.basket;
  const evaluated = await pos.evaluate(`${plan.key}-${attempt}`, {
    ...basket,
    ...(pointsToSpend === undefined || attempt >= WITHOUT_POINTS_FROM ? {} : { pointsToSpend }),
    ...(identified === undefined ? {} : { identificationId: identified.body.identificationId }),
  });
  if (evaluated.status !== 200)
    throw new Error(`evaluate answered ${evaluated.status} ${JSON.stringify(evaluated.body)}`);
  return evaluated.body;
}
