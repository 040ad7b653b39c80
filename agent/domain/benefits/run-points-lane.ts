import { POINTS_MAX } from '../../contract/money.ts';
import { assert } from '../../contract/result.ts';
import { overAllotment } from './allowance-gate.ts';
import { shareOf } from './amounts/share-of.ts';
import { sum } from './amounts/spread.ts';
import { spreadPoints } from './amounts/spread-points.ts';
import type { CompiledRule } from './compile-rule-set.ts';
import { addToLine } from './line-buckets.ts';
import { type Run, settleApplied, settleWithout, withoutMember } from './run-state.ts';

const WHOLE = 10_000n;
const EXACT_MAX = BigInt(Number.MAX_SAFE_INTEGER);

/**
 * Runs one step of the points lane. Of a group of multipliers the largest factor wins, then lower rank. Rules that earn
 * wait until the lane ends, because factors of all steps are multiplied before the one rounding.
 */
export function runPointsStep(run: Run, rules: readonly CompiledRule[]): void {
  const factors = new Map<string, CompiledRule>();
  for (const compiled of rules) {
    if (!canTakeEffect(run, compiled)) continue;
    const { effect, group } = compiled.rule;
    if (effect.kind !== 'points-multiplier') {
      run.earns.push(compiled);
      continue;
    }
    const leader = factors.get(group);
    if (leader !== undefined && factorOf(leader) >= effect.factorBp) {
      settleWithout(run, compiled, 'lost-to', { code: 'lost-to' }, leader);
      continue;
    }
    if (leader !== undefined) settleWithout(run, leader, 'lost-to', { code: 'lost-to' }, compiled);
    factors.set(group, compiled);
  }
  run.multipliers.push(...factors.values());
}

function canTakeEffect(run: Run, compiled: CompiledRule): boolean {
  if (run.input.member === null) {
    settleWithout(run, compiled, withoutMember(compiled), { code: 'member-unknown' });
    return false;
  }
  if (overAllotment(run, compiled)) return false;
  if (sum(earningAmounts(run, compiled)) > 0) return true;
  settleWithout(run, compiled, 'refused', { code: 'no-effect' });
  return false;
}

function factorOf({ rule: { effect } }: CompiledRule): number {
  assert(effect.kind === 'points-multiplier', 'only multipliers multiply');
  return effect.factorBp;
}

/**
 * Ends the lane: points of each earning rule = floor(sum of amount x all factors x rate), capped; of each group the rule
 * with the most points wins, then lower rank; then they are spread over its lines. One sale earns {@link POINTS_MAX}
 * points over all rules at most; a notice says where that took some away.
 */
export function endPointsLane(run: Run): void {
  reserveFactors(run);
  const earning = new Set<number>();
  let left = POINTS_MAX;
  for (const { compiled, due, weights, lines } of earningWinners(run)) {
    const { effect } = compiled.rule;
    assert(effect.kind === 'points-earn', 'only earning rules earn');
    if (overAllotment(run, compiled)) continue;
    const points = Math.min(due, left);
    if (points < due) run.pointsCapped = true;
    left -= points;
    if (points === 0) {
      settleWithout(run, compiled, 'refused', { code: 'no-effect' });
      continue;
    }
    const parts = spreadPoints(points, weights);
    lines.forEach((line, position) => {
      if ((weights[position] ?? 0) > 0) earning.add(line);
      run.pointsEarnedByLine[line] = (run.pointsEarnedByLine[line] ?? 0) + (parts[position] ?? 0);
      addToLine(run.bucketsEarned, effect.bucket, line, parts[position] ?? 0);
    });
    const pendingDays = effect.pendingDays ?? run.compiled.ruleSet.points.pendingDays ?? 0;
    run.lots.push({
      ruleId: compiled.rule.id,
      bucket: effect.bucket,
      points,
      ...(pendingDays === 0 ? {} : { pendingDays }),
    });
    settleApplied(run, compiled, 0, points);
  }
  for (const compiled of run.multipliers) {
    countUse(run, compiled, -1);
    if (run.selected(compiled.target).some((line) => earning.has(line)))
      settleApplied(run, compiled, 0, 0);
    else settleWithout(run, compiled, 'refused', { code: 'no-effect' });
  }
}

/**
 * Scarce factors take their uses before anything is multiplied, in rank order; who comes too late is refused, and nobody
 * of its group steps in. Whether a factor has an effect is known only when the points are.
 */
function reserveFactors(run: Run): void {
  for (const compiled of run.multipliers.splice(0).sort((a, b) => a.rank - b.rank)) {
    if (overAllotment(run, compiled)) continue;
    countUse(run, compiled, 1);
    run.multipliers.push(compiled);
  }
}

function countUse(
  { allotmentsTaken }: Run,
  { rule: { allotment } }: CompiledRule,
  by: number,
): void {
  if (allotment !== undefined)
    allotmentsTaken.set(allotment.id, (allotmentsTaken.get(allotment.id) ?? 0) + by);
}

interface EarningBid extends Earned {
  readonly compiled: CompiledRule;
  readonly lines: readonly number[];
  /** `earned`, capped. */
  readonly due: number;
}

/** The winner of each group, in rank order. */
function earningWinners(run: Run): EarningBid[] {
  const winners = new Map<string, EarningBid>();
  for (const compiled of run.earns) {
    const lines = run.selected(compiled.target);
    const earned =
      run.multipliers.length === 0
        ? plainPoints(run, compiled)
        : factoredPoints(run, compiled, lines);
    const due = Math.min(earned.earned, compiled.rule.caps.points ?? earned.earned);
    if (due === 0) {
      settleWithout(run, compiled, 'refused', { code: 'no-effect' });
      continue;
    }
    const group = `${compiled.step} ${compiled.rule.group}`;
    const leader = winners.get(group);
    if (leader !== undefined && leader.due >= due) {
      settleWithout(run, compiled, 'lost-to', { code: 'lost-to' }, leader.compiled);
      continue;
    }
    if (leader !== undefined)
      settleWithout(run, leader.compiled, 'lost-to', { code: 'lost-to' }, compiled);
    winners.set(group, { ...earned, compiled, lines, due });
  }
  return [...winners.values()].sort((a, b) => a.compiled.rank - b.compiled.rank);
}

interface Earned {
  readonly earned: number;
  /** What each line contributed, to spread the points by. */
  readonly weights: readonly number[] | readonly bigint[];
}

function plainPoints(run: Run, compiled: CompiledRule): Earned {
  const { effect } = compiled.rule;
  assert(effect.kind === 'points-earn', 'only earning rules earn');
  const weights = earningAmounts(run, compiled);
  return { earned: shareOf(sum(weights), effect.points, effect.perMinor, 'down'), weights };
}

/** In BigInt: an amount times several factors leaves 2^53. */
function factoredPoints(run: Run, compiled: CompiledRule, lines: readonly number[]): Earned {
  const { effect } = compiled.rule;
  assert(effect.kind === 'points-earn', 'only earning rules earn');
  const weights = factoredAmounts(run, compiled, lines);
  const total = weights.reduce((all, weight) => all + weight, 0n);
  const earned =
    (total * BigInt(effect.points)) /
    (BigInt(effect.perMinor) * WHOLE ** BigInt(run.multipliers.length));
  return {
    earned: Number(earned > EXACT_MAX ? EXACT_MAX : earned),
    weights,
  };
}

function earningAmounts(run: Run, compiled: CompiledRule): number[] {
  const { effect } = compiled.rule;
  const gross = effect.kind === 'points-earn' && effect.basis === 'gross';
  const amounts = gross ? run.state.list : run.state.running;
  return run.selected(compiled.target).map((line) => amounts[line] ?? 0);
}

/** Amount of each line times every factor that covers it, in units of 10,000 to the power of the number of factors. */
function factoredAmounts(run: Run, compiled: CompiledRule, lines: readonly number[]): bigint[] {
  const factors = run.multipliers.map((multiplier) => {
    const { effect } = multiplier.rule;
    assert(effect.kind === 'points-multiplier', 'only multipliers multiply');
    return { covers: new Set(run.selected(multiplier.target)), factorBp: BigInt(effect.factorBp) };
  });
  return earningAmounts(run, compiled).map((amount, position) => {
    const line = lines[position] ?? -1;
    return factors.reduce(
      (weight, factor) => weight * (factor.covers.has(line) ? factor.factorBp : WHOLE),
      BigInt(amount),
    );
  });
}
