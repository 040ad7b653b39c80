import type {
  BasketId,
  Decision,
  EvaluateRequest,
  Evaluation,
  EvaluationId,
  EvaluationInput,
  IdentificationId,
  MemberId,
} from '../contract/index.ts';
import type { ClaimedCoupon } from './coupon-claims.ts';
import type { ClaimedUse } from './rule-uses.ts';

/** Evaluations remembered until a hold; the oldest gives way. */
export const EVALUATIONS_MAX = 1_000;
/** Lines of all of them together, so that huge baskets cannot fill the memory. */
export const EVALUATION_LINES_MAX = 200_000;

/** An evaluation with everything that a hold and a commit need; kept as JSON in the hold's row. */
export interface EvaluationRecord {
  readonly evaluationId: EvaluationId;
  readonly basketId: BasketId;
  readonly basketHash: string;
  readonly request: Omit<EvaluateRequest, 'id' | 'staffId' | 'identificationId'>;
  readonly input: EvaluationInput;
  readonly evaluation: Evaluation;
  readonly decisions: readonly Decision[];
  /** What a hold takes of rules that are counted and of campaign money. */
  readonly uses: readonly ClaimedUse[];
  /** Codes that a hold reserves. */
  readonly coupons: readonly ClaimedCoupon[];
  readonly memberId: MemberId | null;
  readonly identificationId: IdentificationId | null;
  readonly policyVersion: number;
  readonly expiresAtMs: number;
}

export interface Evaluations {
  get(id: string): EvaluationRecord | undefined;
  /** The last one of a basket. */
  latest(basketId: string): EvaluationRecord | undefined;
  put(record: EvaluationRecord): void;
  /** Forgets what is remembered of a basket that was settled. */
  drop(basketId: string): void;
  size(): number;
}

/** Evaluations in memory, bounded: evaluating books nothing, so a restart may forget them. */
export function createEvaluations(): Evaluations {
  const records = new Map<string, EvaluationRecord>();
  const latest = new Map<string, string>();
  let lines = 0;

  function remove(record: EvaluationRecord): void {
    records.delete(record.evaluationId);
    lines -= record.request.lines.length;
    if (latest.get(record.basketId) === record.evaluationId) latest.delete(record.basketId);
  }

  return {
    get: (id) => records.get(id),
    latest: (basketId) => records.get(latest.get(basketId) ?? ''),
    put(record) {
      records.set(record.evaluationId, record);
      latest.set(record.basketId, record.evaluationId);
      lines += record.request.lines.length;
      for (const oldest of records.values()) {
        if (
          records.size <= EVALUATIONS_MAX &&
          (lines <= EVALUATION_LINES_MAX || records.size === 1)
        )
          break;
        remove(oldest);
      }
    },
    drop(basketId) {
      for (const record of [...records.values()]) if (record.basketId === basketId) remove(record);
    },
    size: () => records.size,
  };
}
