import type { EvaluatedLine, Evaluation, RuleOutcome } from '../../contract/evaluation.ts';
import type { EvaluationInput } from '../../contract/evaluation-input.ts';
import type { LineId, RuleId } from '../../contract/ids.ts';
import { MONEY_MAX_MINOR } from '../../contract/money.ts';
import { err, ok, type Result } from '../../contract/result.ts';
import { BASE_BUCKET } from '../points/lots.ts';
import { unitShares } from './amounts/unit-shares.ts';
import type { CompiledRule, CompiledRuleSet } from './compile-rule-set.ts';
import { runWithExclusives } from './exclusivity.ts';
import { bucketsOfLine } from './line-buckets.ts';
import { dayAfter } from './local-time.ts';
import { takenCode } from './presented-codes.ts';
import { isOpen } from './run-lanes.ts';
import { lineSelection, type Run } from './run-state.ts';
import { noticesOf, outcomeText } from './sentences.ts';

/** Why a basket cannot be evaluated; the codes are those of the error table. */
export interface EvaluationError {
  readonly code: 'wrong-currency' | 'duplicate-line' | 'amount-too-large';
  readonly field: string;
}

export type Detail = 'full' | 'candidates' | 'decision';

export interface EvaluateOptions {
  /**
   * `full` explains every rule of the set in words; `candidates` those that the index finds, so not the rules for other
   * members, stores or articles; `decision` lists only the rules that apply, without sentences. Amounts, points and
   * claims are the same.
   */
  readonly detail?: Detail;
}

/**
 * What a basket costs this shopper and why. Pure: the same compiled set and input give the same evaluation, on every
 * till and at HQ. Amounts in minor units; all sums are exact.
 * @param input as validated by `evaluationInputSchema`
 */
export function evaluate(
  compiled: CompiledRuleSet,
  input: EvaluationInput,
  options: EvaluateOptions = {},
): Result<Evaluation, EvaluationError> {
  const refusal = unusable(compiled, input);
  if (refusal !== null) return err(refusal);
  const { detail = 'full' } = options;
  const { run, told } = runWhole(compiled, input, detail);
  return ok(evaluationOf(run, told, detail !== 'decision'));
}

/**
 * Runs every lane over a basket that {@link evaluate} takes.
 * @returns `told`: the rules that the detail asks for, in rank order; all of them are settled
 */
export function runWhole(
  compiled: CompiledRuleSet,
  input: EvaluationInput,
  detail: Detail,
): { readonly run: Run; readonly told: readonly CompiledRule[] } {
  const candidates = compiled.index.candidates(input);
  const explaining = detail !== 'decision';
  const selected = lineSelection(compiled, input);
  const run = runWithExclusives(compiled, input, selected, candidates, explaining);
  if (detail === 'decision') return { run, told: [...run.applied].sort((a, b) => a.rank - b.rank) };
  if (detail === 'candidates')
    return { run, told: candidates.flatMap((rank) => compiled.rules[rank] ?? []) };
  // The rules that the index left out fail a fixed term; testing them here only finds out which one to name.
  for (const rule of compiled.rules) if (run.settled[rule.rank] === undefined) isOpen(run, rule);
  return { run, told: compiled.rules };
}

function unusable(compiled: CompiledRuleSet, input: EvaluationInput): EvaluationError | null {
  if (input.currency !== compiled.ruleSet.currency)
    return { code: 'wrong-currency', field: 'currency' };
  const ids = new Set<string>();
  let total = 0;
  for (const [index, line] of input.lines.entries()) {
    if (ids.has(line.lineId)) return { code: 'duplicate-line', field: `lines.${index}.lineId` };
    ids.add(line.lineId);
    total += line.qty * line.unitPriceMinor;
    if (total > MONEY_MAX_MINOR) return { code: 'amount-too-large', field: `lines.${index}` };
  }
  return null;
}

function evaluationOf(run: Run, told: readonly CompiledRule[], explained: boolean): Evaluation {
  const { input, state, compiled } = run;
  const { ruleSet } = compiled;
  const couponsUsed = [
    ...new Set(run.applied.flatMap(({ rule }) => takenCode(rule, input)?.code ?? [])),
  ].sort();
  return {
    currency: ruleSet.currency,
    ...(input.member === null ? {} : { memberId: input.member.memberId }),
    ruleSetVersion: ruleSet.version,
    lines: linesOf(run),
    listMinor: state.listMinor,
    discountMinor: state.listMinor - state.runningMinor,
    payableMinor: state.runningMinor,
    points: {
      spent: run.pointsSpent,
      spentMinor: run.pointsSpentMinor,
      ...bucketsSpent(run),
      earned: run.lots.reduce((total, lot) => total + lot.points, 0),
      lots: run.lots.map((lot) => ({ ...lot, ruleId: lot.ruleId as RuleId })),
    },
    couponsUsed,
    claims: {
      budgets: [...run.budgetsTaken].map(([budgetId, amountMinor]) => ({ budgetId, amountMinor })),
      allotments: run.applied.flatMap(({ rule }) => rule.allotment?.id ?? []),
      uses: run.applied.flatMap(({ rule }) => (rule.limits.length > 0 ? [rule.id] : [])),
    },
    gifts: run.gifts.map((gift) => ({ ...gift, ruleId: gift.ruleId as RuleId })),
    entitlements: run.entitlements.map(({ kind, validDays }) =>
      validDays === undefined
        ? { kind }
        : { kind, validUntil: dayAfter(input.now.date, validDays) },
    ),
    ...(run.tierAfter === undefined ? {} : { tierAfter: run.tierAfter }),
    ...(run.donations.length === 0 ? {} : { donations: donationsOf(run) }),
    outcomes: outcomesOf(run, told, explained),
    notices: explained ? noticesOf(input, compiled, couponsUsed, run.pointsCapped) : [],
  };
}

function donationsOf({ donations }: Run): Evaluation['donations'] {
  return donations.map((one) => ({ ...one, ruleId: one.ruleId as RuleId }));
}

/** Left out where all points were of `base`, which is what its absence means. */
function bucketsSpent({
  pointsSpent,
  pointsSpentByBucket: spent,
}: Run): Pick<Evaluation['points'], 'spentByBucket'> {
  if ((spent.get(BASE_BUCKET) ?? 0) === pointsSpent) return {};
  return { spentByBucket: Object.fromEntries(spent) };
}

function linesOf(run: Run): EvaluatedLine[] {
  const { state } = run;
  return state.lines.map((line, index) => {
    const listMinor = state.list[index] ?? 0;
    const payableMinor = state.running[index] ?? 0;
    const pointsEarned = run.pointsEarnedByLine[index] ?? 0;
    const pointsSpent = run.pointsSpentByLine[index] ?? 0;
    const evaluated: EvaluatedLine = {
      lineId: line.lineId as LineId,
      sku: line.sku,
      qty: line.qty,
      listMinor,
      discountMinor: listMinor - payableMinor,
      payableMinor,
      discounts: (run.discounts[index] ?? []) as EvaluatedLine['discounts'],
      unitShares: unitShares(payableMinor, line.qty),
      pointsEarned,
      pointsSpent,
    };
    const earned = bucketsOfLine(run.bucketsEarned, index, pointsEarned);
    const spent = bucketsOfLine(run.bucketsSpent, index, pointsSpent);
    if (earned !== undefined) evaluated.pointsEarnedByBucket = earned;
    if (spent !== undefined) evaluated.pointsSpentByBucket = spent;
    const donatedMinor = run.donatedByLine[index] ?? 0;
    if (donatedMinor > 0) evaluated.donatedMinor = donatedMinor;
    return evaluated;
  });
}

function outcomesOf(run: Run, told: readonly CompiledRule[], explained: boolean): RuleOutcome[] {
  const outcomes: RuleOutcome[] = [];
  for (const compiled of told) {
    const { rule, rank } = compiled;
    const settled = run.settled[rank];
    if (settled === undefined) continue;
    const { reason, lostTo } = settled;
    const outcome: RuleOutcome = {
      ruleId: rule.id,
      name: rule.name,
      lane: rule.lane,
      step: rule.step,
      group: rule.group,
      status: settled.status,
      code: reason.code,
      discountMinor: settled.discountMinor,
      points: settled.points,
      text: explained ? outcomeText(run, compiled, settled) : NO_TEXT,
    };
    // Absent rather than undefined: what is stored and sent is JSON.
    if (reason.term !== undefined) outcome.term = reason.term;
    if (reason.seen !== undefined) outcome.seen = reason.seen;
    if (reason.needed !== undefined) outcome.needed = reason.needed;
    if (reason.difference !== undefined) outcome.difference = reason.difference;
    if (lostTo !== undefined) outcome.lostTo = lostTo.rule.id;
    outcomes.push(outcome);
  }
  return outcomes;
}

const NO_TEXT = { 'zh-CN': '', en: '' };
