import type { BasketId, Identification, MemberId } from '../contract/index.ts';
import type { BasketRow } from '../store/store.ts';
import type { TillContext } from './context.ts';

/** The row of a basket that is open; a fresh one where there is none or the id was used by a finished sale before. */
export function openBasketRow(context: TillContext, basketId: BasketId): BasketRow {
  const row = context.store.baskets.get(basketId);
  if (row !== undefined && row.state !== 'COMMITTED' && row.state !== 'VOIDED') return row;
  return {
    basketId,
    evaluationId: null,
    state: 'EVALUATED',
    memberId: null,
    identification: null,
    itemCount: 0,
    payableMinor: 0,
    updatedAtMs: context.nowMs(),
    businessDay: context.businessDay(),
  };
}

/** Notes on a basket who is identified for it, or that nobody is any more. */
export function noteIdentification(
  context: TillContext,
  basketId: BasketId,
  identification: Identification | null,
  memberId: MemberId | null,
): void {
  context.store.baskets.put({ ...openBasketRow(context, basketId), identification, memberId });
}
