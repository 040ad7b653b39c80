import {
  type BasketId,
  type EvaluateReply,
  type EvaluateRequest,
  type Evaluation,
  type EvaluationId,
  type EvaluationState,
  err,
  type Failure,
  failure,
  ok,
  type Result,
  toInstant,
} from '../contract/index.ts';
import { memberGlance } from '../domain/identify/member-glance.ts';
import { checkBasket } from './basket-checks.ts';
import { openBasketRow } from './basket-rows.ts';
import type { TillContext } from './context.ts';
import { claimedCoupons } from './coupon-claims.ts';
import type { DecideFor } from './decisions.ts';
import { type Denied, NOTHING_DENIED } from './engine-input.ts';
import type { EvaluationRecord, Evaluations } from './evaluations.ts';
import type { HeldRecord } from './held-record.ts';
import type { HoldsIndex } from './holds-index.ts';
import type { Identifications, Known } from './identifications.ts';
import type { Identify } from './identify.ts';
import { type BasketRequest, createJudgeBasket } from './judge-basket.ts';
import { memberNow } from './member-now.ts';
import { refusePaymentCodes } from './payment-codes.ts';
import { claimedUses } from './rule-uses.ts';
import type { RulesSource } from './rules-source.ts';
import type { StaffSessions } from './staff-session.ts';
import type { Caller } from './till.ts';

export interface EvaluateParts {
  readonly context: TillContext;
  readonly rules: RulesSource;
  readonly identify: Identify;
  readonly identifications: Identifications;
  readonly decideFor: DecideFor;
  readonly evaluations: Evaluations;
  readonly holds: HoldsIndex;
  readonly staff: StaffSessions;
}

export interface Evaluate {
  evaluate(caller: Caller, request: EvaluateRequest): Result<EvaluateReply, Failure>;
  /** The same basket once more, with what an allowance holder said. */
  again(record: EvaluationRecord, denied: Denied): Result<EvaluateReply, Failure>;
  reply(record: HeldRecord): EvaluateReply;
}

const NO_CODES: ReadonlySet<string> = new Set();

/** What a basket costs this shopper, by the rules in force and the proof given. Reserves and books nothing. */
export function createEvaluate(parts: EvaluateParts): Evaluate {
  const { context, rules, identify, identifications, evaluations, holds, staff } = parts;
  const { store } = context;
  const judge = createJudgeBasket(parts);

  function record(
    basketId: BasketId,
    request: BasketRequest,
    known: Known | undefined,
    denied: Denied,
  ): Result<EvaluationRecord, Failure> {
    const compiled = rules.current();
    if (compiled === undefined) return err(failure('rules-missing'));
    if (compiled.ruleSet.currency !== request.currency)
      return err(failure('wrong-currency', 'currency'));
    const held = holds.ofBasket(basketId);
    const own = { evaluationId: held?.evaluationId, coupons: held?.couponsReserved ?? [] };
    const { input, evaluation, decisions } = judge(compiled, request, known, own, denied);
    const memberId = evaluation.memberId ?? null;
    return ok({
      evaluationId: context.newId() as EvaluationId,
      basketId,
      basketHash: basketHash(request, memberId, evaluation),
      request,
      input,
      evaluation,
      decisions,
      uses: claimedUses(compiled, evaluation),
      coupons: claimedCoupons(compiled, input, evaluation),
      memberId,
      identificationId: known?.identificationId ?? null,
      policyVersion: rules.policy()?.version ?? 0,
      expiresAtMs: context.nowMs() + context.deps.config.evaluationTtlMs,
    });
  }

  /**
   * Over what is charged and to whom: two evaluations with one hash may stand for each other. Both parts come with their
   * keys in one order, the request from its schema and the figures from the engine, so no canonical form is needed.
   */
  function basketHash(
    request: BasketRequest,
    memberId: string | null,
    evaluation: Evaluation,
  ): string {
    const { outcomes: _said, notices: _noted, ...figures } = evaluation;
    return context.hash(JSON.stringify({ request, memberId, figures }));
  }

  /** The list of open sales and the screens may hear of it a moment later: it must not wait for the disk. */
  function remember(made: EvaluationRecord): EvaluateReply {
    const { basketId, evaluationId, memberId, request, evaluation } = made;
    const updatedAtMs = context.nowMs();
    context.later(basketId, (emit) => {
      store.baskets.put({
        ...openBasketRow(context, basketId),
        evaluationId,
        state: 'EVALUATED',
        memberId,
        itemCount: itemCount(request),
        payableMinor: evaluation.payableMinor,
        updatedAtMs,
        businessDay: context.businessDay(),
      });
      emit({ kind: 'basket', basketId, evaluationId, state: 'EVALUATED' });
    });
    evaluations.put(made);
    return replyOf(made, 'EVALUATED');
  }

  function replyOf(made: HeldRecord, state: EvaluationState): EvaluateReply {
    const member = made.memberId === null ? undefined : store.members.byId(made.memberId);
    return {
      evaluationId: made.evaluationId,
      basketId: made.basketId,
      basketHash: made.basketHash,
      state,
      ruleSetVersion: made.evaluation.ruleSetVersion,
      expiresAt: toInstant(made.expiresAtMs),
      ...(member === undefined
        ? {}
        : {
            member: memberGlance(
              memberNow(context, member),
              store.points.lots(member.memberId),
              context.local(),
            ),
          }),
      ...(made.identificationId === null ? {} : { identificationId: made.identificationId }),
      decisions: [...made.decisions],
      evaluation: made.evaluation,
    };
  }

  return {
    reply: (made) => replyOf(made, store.holds.get(made.evaluationId)?.state ?? 'EVALUATED'),
    evaluate(caller, { id, staffId, identificationId, ...request }) {
      const allowed = staff.allows(caller);
      if (!allowed.ok) return allowed;
      const named = staffId === undefined ? ok(undefined) : staff.forEntry(caller, staffId);
      if (!named.ok) return named;
      const checked = checkBasket(request, context.deps.place.store.currency);
      if (!checked.ok) return checked;
      const clean = refusePaymentCodes(context, request, rules.current()?.knownCodes ?? NO_CODES);
      if (!clean.ok) return clean;
      identify.sweep();
      if (identificationId !== undefined) {
        const bound = identify.bind(identificationId, id);
        if (!bound.ok) return bound;
      }
      const made = record(id, request, identifications.ofBasket(id), NOTHING_DENIED);
      return made.ok ? ok(remember(made.value)) : made;
    },
    again({ basketId, request }, denied) {
      const made = record(basketId, request, identifications.ofBasket(basketId), denied);
      return made.ok ? ok(remember(made.value)) : made;
    },
  };
}

/** Units of a basket; a line is at most so many that their sum stays exact. */
export function itemCount(request: {
  readonly lines: readonly { readonly qty: number }[];
}): number {
  return request.lines.reduce((sum, line) => sum + line.qty, 0);
}
