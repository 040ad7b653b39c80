import {
  type Action,
  assert,
  type BasketId,
  type Decision,
  type EvaluateReply,
  type EvaluateRequest,
  type Evaluation,
  type EvaluationId,
  type EvaluationInput,
  err,
  type Failure,
  failure,
  type Lane,
  type Member,
  ok,
  type Result,
  type Text,
  toInstant,
} from '../contract/index.ts';
import type { CompiledRuleSet } from '../domain/benefits/compile-rule-set.ts';
import { evaluate as runEngine } from '../domain/benefits/evaluate.ts';
import { memberGlance } from '../domain/identify/member-glance.ts';
import { memberStanding } from '../domain/identify/member-standing.ts';
import { canonicalJson } from '../domain/ledger/canonical-json.ts';
import { checkBasket } from './basket-checks.ts';
import { openBasketRow } from './basket-rows.ts';
import type { TillContext } from './context.ts';
import type { DecideFor } from './decisions.ts';
import { type Denied, engineInput, NOTHING_DENIED, type OwnReservation } from './engine-input.ts';
import type { EvaluationRecord, Evaluations } from './evaluations.ts';
import type { HoldsIndex } from './holds-index.ts';
import type { Identifications, Known } from './identifications.ts';
import type { Identify } from './identify.ts';
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
  reply(record: EvaluationRecord): EvaluateReply;
}

type BasketRequest = EvaluationRecord['request'];

interface Judged {
  readonly input: EvaluationInput;
  readonly evaluation: Evaluation;
  readonly decisions: readonly Decision[];
}

/** A right that a basket can ask for, the lane that grants it, and what it is worth in an evaluation. */
interface Asked {
  readonly action: Action;
  readonly lane: Lane;
  readonly worthMinor: (evaluation: Evaluation) => number;
}

const EARN: Asked = { action: 'earn-points', lane: 'points-earn', worthMinor: () => 0 };
const COUPON: Asked = {
  action: 'use-coupon',
  lane: 'coupon',
  worthMinor: (evaluation) => laneDiscount(evaluation, 'coupon'),
};
const REDEEM: Asked = {
  action: 'redeem-points',
  lane: 'points-spend',
  worthMinor: (evaluation) => evaluation.points.spentMinor,
};

/** What a basket costs this shopper, by the rules in force and the proof given. Reserves and books nothing. */
export function createEvaluate(parts: EvaluateParts): Evaluate {
  const { context, rules, identify, identifications, decideFor, evaluations, holds, staff } = parts;
  const { store } = context;

  function judge(
    compiled: CompiledRuleSet,
    request: BasketRequest,
    known: Known | undefined,
    own: OwnReservation,
    denied: Denied,
  ): Judged {
    const shown = known && identifications.proof(known);
    const standing = known?.outcome === 'identified' ? activeMember(shown?.member) : undefined;
    // Whom the membership itself turns away is a guest, and no proof would change that.
    const proof = standing !== undefined || known?.outcome === 'contradiction' ? shown : undefined;
    const views = proof === undefined ? undefined : decideFor(proof, 'view-benefits');
    const member = views?.outcome === 'enough' ? standing : undefined;
    const base = engineInput(context, { request, member, rules: compiled, own, denied });
    if (proof === undefined) return { input: base, evaluation: run(compiled, base), decisions: [] };
    const asked = [
      EARN,
      ...(request.codes.length > 0 ? [COUPON] : []),
      ...((request.pointsToSpend ?? 0) > 0 ? [REDEEM] : []),
    ];
    const withheld: Partial<Record<Lane, Text>> = {};
    const turnedDown = new Map<Action, Decision>();
    // What a right is worth is known once it was granted; taking one away changes what the others are worth.
    for (;;) {
      const input =
        Object.keys(withheld).length === 0 ? base : { ...base, withheld: { ...withheld } };
      const evaluation = run(compiled, input);
      const decisions = asked.map((one) =>
        decideFor(proof, one.action, one.worthMinor(evaluation)),
      );
      const refused = asked.flatMap((one, index) => {
        const decision = decisions[index];
        return decision === undefined || decision.outcome === 'enough' || one.lane in withheld
          ? []
          : [{ one, decision }];
      });
      if (refused.length === 0) {
        const final = decisions.map((decision) => turnedDown.get(decision.action) ?? decision);
        return {
          input,
          evaluation,
          decisions: views === undefined || views.outcome === 'enough' ? final : [views, ...final],
        };
      }
      for (const { one, decision } of refused) {
        withheld[one.lane] = refusalText(decision);
        turnedDown.set(one.action, decision);
      }
    }
  }

  function activeMember(member: Member | undefined): Member | undefined {
    return member !== undefined && memberStanding(member, context.today()) === 'identified'
      ? member
      : undefined;
  }

  function run(compiled: CompiledRuleSet, input: EvaluationInput): Evaluation {
    const done = runEngine(compiled, input);
    assert(done.ok, 'a checked basket can be evaluated');
    return done.value;
  }

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
    const sameMember =
      held !== undefined && held.memberId !== null && held.memberId === known?.memberId;
    const own = {
      points: sameMember ? held.pointsReserved : 0,
      coupons: held?.couponsReserved ?? [],
    };
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
      memberId,
      identificationId: known?.identificationId ?? null,
      policyVersion: rules.policy()?.version ?? 0,
      expiresAtMs: context.nowMs() + context.deps.config.evaluationTtlMs,
    });
  }

  /** Over what is charged and to whom: two evaluations with one hash may stand for each other. */
  function basketHash(
    request: BasketRequest,
    memberId: string | null,
    evaluation: Evaluation,
  ): string {
    const { outcomes: _said, notices: _noted, ...figures } = evaluation;
    return context.hash(canonicalJson({ request, memberId, figures }));
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
    return reply(made);
  }

  function reply(made: EvaluationRecord): EvaluateReply {
    const member = made.memberId === null ? undefined : store.members.byId(made.memberId);
    return {
      evaluationId: made.evaluationId,
      basketId: made.basketId,
      basketHash: made.basketHash,
      state: store.holds.get(made.evaluationId)?.state ?? 'EVALUATED',
      ruleSetVersion: made.evaluation.ruleSetVersion,
      expiresAt: toInstant(made.expiresAtMs),
      ...(member === undefined
        ? {}
        : { member: memberGlance(member, store.points.lots(member.memberId), context.local()) }),
      decisions: [...made.decisions],
      evaluation: made.evaluation,
    };
  }

  return {
    reply,
    evaluate(caller, { id, staffId, identificationId, ...request }) {
      const allowed = staff.allows(caller);
      if (!allowed.ok) return allowed;
      const named = staffId === undefined ? ok(undefined) : staff.forEntry(staffId);
      if (!named.ok) return named;
      const checked = checkBasket(request, context.deps.place.store.currency);
      if (!checked.ok) return checked;
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

function laneDiscount(evaluation: Evaluation, lane: Lane): number {
  return evaluation.outcomes.reduce(
    (sum, outcome) => (outcome.lane === lane ? sum + outcome.discountMinor : sum),
    0,
  );
}

/** What the cashier reads at the benefit: why it is withheld, and what would help. */
function refusalText({ reasons, stepUp }: Decision): Text {
  const said = [...reasons.map((reason) => reason.text), ...stepUp.map((step) => step.text)];
  return {
    'zh-CN': said.map((one) => one['zh-CN']).join('；'),
    en: said.map((one) => one.en).join('; '),
  };
}
