import {
  type Action,
  assert,
  type Decision,
  type Evaluation,
  type EvaluationInput,
  type Lane,
  type Member,
  type Text,
} from '../contract/index.ts';
import type { CompiledRuleSet } from '../domain/benefits/compile-rule-set.ts';
import { evaluate as runEngine } from '../domain/benefits/evaluate.ts';
import { memberStanding } from '../domain/identify/member-standing.ts';
import type { TillContext } from './context.ts';
import type { DecideFor } from './decisions.ts';
import { type Denied, engineInput, type OwnReservation } from './engine-input.ts';
import type { EvaluationRecord } from './evaluations.ts';
import type { Identifications, Known } from './identifications.ts';

export type BasketRequest = EvaluationRecord['request'];

export interface JudgeBasketParts {
  readonly context: TillContext;
  readonly identifications: Identifications;
  readonly decideFor: DecideFor;
}

/** A basket under the rules, with the rights that the proof given is good for. */
export interface Judged {
  readonly input: EvaluationInput;
  readonly evaluation: Evaluation;
  readonly decisions: readonly Decision[];
}

/** A right to spend that a basket can ask for, the lane that grants it, and what it is worth in an evaluation. */
interface Asked {
  readonly action: Action;
  readonly lane: Lane;
  readonly worthMinor: (evaluation: Evaluation) => number;
}

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

export type JudgeBasket = (
  compiled: CompiledRuleSet,
  request: BasketRequest,
  known: Known | undefined,
  own: OwnReservation,
  denied: Denied,
) => Judged;

/** Evaluates a basket with exactly the rights that its shopper has proved. */
export function createJudgeBasket({
  context,
  identifications,
  decideFor,
}: JudgeBasketParts): JudgeBasket {
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
    const earns = decideFor(proof, 'earn-points');
    const first =
      earns.outcome === 'enough' ? base : withholding(base, 'points-earn', refusalText(earns));
    const spends = spending(compiled, first, request, (action, worthMinor) =>
      decideFor(proof, action, worthMinor),
    );
    return {
      input: spends.input,
      evaluation: run(compiled, spends.input),
      decisions: [
        ...(views === undefined || views.outcome === 'enough' ? [] : [views]),
        earns,
        ...spends.decisions,
      ],
    };
  }

  /**
   * Which of the rights to spend that the basket asks for are granted. What a right is worth is known once it was
   * granted, and taking one away changes what the others are worth; such trials need figures and no sentences.
   */
  function spending(
    compiled: CompiledRuleSet,
    base: EvaluationInput,
    request: BasketRequest,
    decide: (action: Action, worthMinor: number) => Decision,
  ): Pick<Judged, 'input' | 'decisions'> {
    const asked = [
      ...(request.codes.length > 0 ? [COUPON] : []),
      ...((request.pointsToSpend ?? 0) > 0 ? [REDEEM] : []),
    ];
    if (asked.length === 0) return { input: base, decisions: [] };
    const turnedDown = new Map<Action, Decision>();
    let input = base;
    for (;;) {
      const trial = run(compiled, input, 'decision');
      const decisions = asked.map(
        (one) => turnedDown.get(one.action) ?? decide(one.action, one.worthMinor(trial)),
      );
      const before = turnedDown.size;
      for (const [index, { action, lane }] of asked.entries()) {
        const decision = decisions[index];
        if (decision === undefined || decision.outcome === 'enough' || turnedDown.has(action))
          continue;
        input = withholding(input, lane, refusalText(decision));
        turnedDown.set(action, decision);
      }
      if (turnedDown.size === before) return { input, decisions };
    }
  }

  function activeMember(member: Member | undefined): Member | undefined {
    return member !== undefined && memberStanding(member, context.today()) === 'identified'
      ? member
      : undefined;
  }

  function run(
    compiled: CompiledRuleSet,
    input: EvaluationInput,
    detail: 'full' | 'decision' = 'full',
  ): Evaluation {
    const done = runEngine(compiled, input, { detail });
    assert(done.ok, 'a checked basket can be evaluated');
    return done.value;
  }

  return judge;
}

function withholding(input: EvaluationInput, lane: Lane, why: Text): EvaluationInput {
  return { ...input, withheld: { ...input.withheld, [lane]: why } };
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
