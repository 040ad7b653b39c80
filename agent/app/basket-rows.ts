import type { BasketId, Evidence, Identification, MemberId } from '../contract/index.ts';
import type { BasketRow, BoundIdentification } from '../store/store.ts';
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

/**
 * Whether a basket's sale was booked today and no other was begun under its id since. Numbers that start again each
 * morning are free the next business day.
 */
export function isSettled(context: TillContext, basketId: BasketId): boolean {
  const { baskets } = context.store;
  if (baskets.get(basketId)?.state !== 'COMMITTED') return false;
  // The evaluation that begins the next sale may still wait to be written.
  context.settle();
  const row = baskets.get(basketId);
  return row?.state === 'COMMITTED' && row.businessDay === context.businessDay();
}

/** Notes on a basket who is identified for it, or that nobody is any more. */
export function noteIdentification(
  context: TillContext,
  basketId: BasketId,
  identification: BoundIdentification | null,
  memberId: MemberId | null,
): void {
  context.store.baskets.put({ ...openBasketRow(context, basketId), identification, memberId });
}

/** What a restart needs of an identification; member and sentences are looked up again. */
export function boundIdentification(
  { identificationId, outcome, codeClass, notices, at, expiresAt }: Identification,
  evidence: readonly Evidence[],
): BoundIdentification {
  return {
    identificationId,
    outcome,
    ...(codeClass === undefined ? {} : { codeClass }),
    evidence,
    notices,
    at,
    expiresAt,
  };
}
