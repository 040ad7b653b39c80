import {
  assert,
  type Evaluation,
  type EvaluationId,
  type EvaluationInput,
  type EvaluationState,
  err,
  type Failure,
  failure,
  ok,
  type Result,
  type RuleId,
  type SaleId,
  type WhyReply,
} from '../contract/index.ts';
import type { CompiledRuleSet } from '../domain/benefits/compile-rule-set.ts';
import { evaluate } from '../domain/benefits/evaluate.ts';
import { nearMisses } from '../domain/benefits/near-misses.ts';
import { nearestIds } from '../domain/benefits/nearest-ids.ts';
import type { LedgerRow } from '../store/store.ts';
import type { TillContext } from './context.ts';
import type { Evaluations } from './evaluations.ts';
import { readHoldBody } from './held-record.ts';
import { createReplay, type KeptRules } from './replay.ts';

export interface WhyParts {
  readonly context: TillContext;
  readonly evaluations: Evaluations;
  readonly rulesOf: KeptRules;
}

export interface WhyRequest {
  readonly id: string;
  /** Absent = every rule. */
  readonly ruleId?: string | undefined;
}

export type Why = (request: WhyRequest) => Result<WhyReply, Failure>;

/** A basket with every reason, and the rules that gave them. */
interface Explained {
  readonly state: EvaluationState;
  readonly compiled: CompiledRuleSet;
  readonly input: EvaluationInput;
  readonly evaluation: Evaluation;
  readonly reproduced: boolean;
}

/**
 * Says of each benefit of a past or present basket why it applied or not: one evaluated a moment ago from memory, a held
 * one from its hold, a sale by evaluating it again under the rules of its day. Changes nothing.
 */
export function createWhy({ context, evaluations, rulesOf }: WhyParts): Why {
  const { store } = context;
  const replay = createReplay({ store, crypto: context.deps.crypto, rulesOf });

  function explained(id: EvaluationId): Result<Explained, Failure> {
    // One evaluation is at most one sale, and they share their id.
    const sale = store.ledger
      .bySale(id as string as SaleId)
      .find(({ header }) => header.kind === 'sale');
    if (sale !== undefined) return ofSale(sale);
    const row = store.holds.get(id);
    const remembered = evaluations.get(id);
    const record =
      remembered ?? (row && row.state !== 'COMMITTED' ? readHoldBody(row).record : null);
    if (record === null) return err(failure('evaluation-unknown', 'id'));
    const state = row?.state ?? 'EVALUATED';
    const { input, memberId } = record;
    // A hold that is over keeps nothing of what was known of its member.
    if (memberId !== null && input.member === null)
      return err(failure(state === 'VOIDED' ? 'evaluation-voided' : 'evaluation-expired', 'id'));
    const [compiled] = rulesOf(record.evaluation.ruleSetVersion);
    if (compiled === undefined) return err(failure('rules-gone', 'id'));
    if (remembered !== undefined)
      return ok({ state, compiled, input, evaluation: remembered.evaluation, reproduced: true });
    const again = evaluate(compiled, input);
    assert(again.ok, 'a basket that was held can be evaluated');
    return ok({ state, compiled, input, evaluation: again.value, reproduced: true });
  }

  function ofSale(row: LedgerRow): Result<Explained, Failure> {
    const { state, basis, evaluation } = replay(row);
    switch (state) {
      case 'erased':
      case 'input-cleared':
        return err(failure('sale-erased', 'id'));
      case 'rule-set-missing':
        return err(failure('rules-gone', 'id', { ruleSetVersion: row.header.ruleSetVersion }));
      case 'broken':
        return err(failure('entry-broken', 'id', { seq: row.header.seq }));
      default: {
        assert(
          basis !== undefined && evaluation !== undefined,
          'a sale that was replayed has its basis and its evaluation',
        );
        return ok({ state: 'COMMITTED', ...basis, evaluation, reproduced: state === 'equal' });
      }
    }
  }

  return ({ id, ruleId }) => {
    const found = explained(id as EvaluationId);
    if (!found.ok) return found;
    const { state, compiled, input, evaluation, reproduced } = found.value;
    const { ruleSetVersion } = evaluation;
    const ids = compiled.rules.map(({ rule }) => rule.id);
    if (ruleId !== undefined && !ids.includes(ruleId as RuleId))
      return err(
        failure('rule-unknown', 'ruleId', { ruleSetVersion, nearest: nearestIds(ruleId, ids) }),
      );
    const isAsked = (one: { readonly ruleId: string }): boolean =>
      ruleId === undefined || one.ruleId === ruleId;
    return ok({
      evaluationId: id as EvaluationId,
      state,
      ruleSetVersion,
      reproduced,
      nearMisses: nearMisses(compiled, input).filter(isAsked),
      outcomes: evaluation.outcomes.filter(isAsked),
    });
  };
}
