import type { EvaluationId } from '../contract/index.ts';
import type { HoldRow, HoldsRepository } from '../store/store.ts';

/** Holds taken up again on a restart; more cannot stand at one till. */
const HELD_MAX = 10_000;

/** Which evaluation of a basket is held: at most one. */
export interface HoldsIndex {
  ofBasket(basketId: string): HoldRow | undefined;
  note(basketId: string, evaluationId: EvaluationId): void;
  forget(basketId: string, evaluationId: EvaluationId): void;
}

/** Finds the hold of a basket; the store keeps holds by evaluation. */
export function createHoldsIndex(holds: HoldsRepository): HoldsIndex {
  const byBasket = new Map<string, EvaluationId>();
  for (const { basketId, evaluationId } of holds.overdue(Number.MAX_SAFE_INTEGER, HELD_MAX))
    byBasket.set(basketId, evaluationId);
  return {
    ofBasket(basketId) {
      const id = byBasket.get(basketId);
      const row = id === undefined ? undefined : holds.get(id);
      return row?.state === 'HELD' ? row : undefined;
    },
    note: (basketId, evaluationId) => void byBasket.set(basketId, evaluationId),
    forget(basketId, evaluationId) {
      if (byBasket.get(basketId) === evaluationId) byBasket.delete(basketId);
    },
  };
}
