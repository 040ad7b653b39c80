import type { Evaluation } from '../../contract/evaluation.ts';
import type { EvaluationInput } from '../../contract/evaluation-input.ts';
import type { CompiledRuleSet } from '../../domain/benefits/compile-rule-set.ts';
import { keptTarget } from '../../domain/benefits/kept-target.ts';
import { businessDate } from '../../domain/benefits/local-time.ts';
import { keptEvaluation } from '../../domain/benefits/replay-sale.ts';
import { type ReturnBasis, returnBasis } from '../../domain/benefits/return-basis.ts';
import {
  addUndone,
  NOTHING_UNDONE,
  type ReturnFigures,
  returnFigures,
} from '../../domain/benefits/return-figures.ts';
import { pointsOf } from '../../domain/benefits/return-share.ts';
import { dayText } from '../../domain/calendar/day.ts';
import { afterMoves, payDebts, pointsBalance } from '../../domain/points/lots.ts';
import { undoByBucket } from '../../domain/points/undo-by-bucket.ts';
import type { Seen } from './benefit-case-compare.ts';
import { bookSale, caseLots } from './benefit-case-purse.ts';
import type { BenefitCase } from './benefit-case-schema.ts';

/** A sale that was decided. */
export interface DecidedSale {
  readonly compiled: CompiledRuleSet;
  readonly input: EvaluationInput;
  readonly evaluation: Evaluation;
}

/** Books a case's sale and its returns, and tells what came back and which points are left. */
export function afterSale(benefitCase: BenefitCase, sale: DecidedSale): Seen {
  const { evaluation } = sale;
  const today = dayText(businessDate(sale.input.now).date);
  const { moves, ...booked } = bookSale(caseLots(benefitCase.member), evaluation, today);
  const basis = basisOf(sale);
  let { lots } = booked;
  let before = { ...NOTHING_UNDONE, moves: moves.map(() => 0) };
  const returns: Seen[] = [];
  for (const { lines, gifts = {} } of returnsOf(benefitCase)) {
    const done = returnFigures(
      evaluation,
      before,
      lines,
      (units) => keptTarget(basis, evaluation, units, []),
      gifts,
    );
    if (!done.ok) {
      returns.push({ error: done.error.code });
      continue;
    }
    const undone = undoByBucket(moves, before.moves, done.value);
    lots = afterMoves(
      lots,
      moves.map(({ lotId, delta }, index) => {
        const points = undone[index] ?? 0;
        return { lotId, delta: delta > 0 ? -points : points };
      }),
    );
    lots = afterMoves(lots, payDebts(lots, today));
    before = { moves: [], ...addUndone(before, { ...done.value.undone, moves: undone }) };
    returns.push(seenReturn(done.value));
  }
  return {
    returns,
    lots: Object.fromEntries(lots.map((lot) => [lot.lotId, lot.points])),
    balance: pointsBalance(lots, today),
    ...plainRefund(benefitCase, returns[0]),
  };
}

function basisOf({ compiled, input, evaluation }: DecidedSale): ReturnBasis {
  const { points, ...figures } = evaluation;
  const entry = { ...figures, pointsEarned: points.earned, pointsSpent: points.spent };
  const memberId = input.member?.memberId ?? null;
  const sealed = { input, evaluation: keptEvaluation(evaluation), memberId };
  return returnBasis([compiled], entry, evaluation, sealed);
}

function seenReturn(figures: ReturnFigures): Seen {
  const { mode, paidMinor, refundMinor, takenBackMinor, addedMinor, giftsMinor } = figures;
  return {
    mode,
    paidMinor,
    refundMinor,
    takenBackMinor,
    addedMinor,
    giftsMinor,
    giftsDue: Object.fromEntries(figures.gifts.map(({ sku, due }) => [sku, due])),
    pointsClawedBack: pointsOf(figures.earned),
    pointsGivenBack: pointsOf(figures.spent),
    donatedBackMinor: figures.donatedMinor,
  };
}

function returnsOf({ return: plain, returns }: BenefitCase): NonNullable<BenefitCase['returns']> {
  return returns ?? (plain === undefined ? [] : [plain]);
}

/** What the plain format asks of its one return. */
function plainRefund(benefitCase: BenefitCase, first: Seen | undefined): Seen {
  if (benefitCase.return === undefined || first === undefined) return {};
  const { refundMinor, error } = first;
  return error === undefined ? { refundMinor } : { refundMinor, error };
}
