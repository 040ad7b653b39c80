import { POINTS_MAX } from '../../contract/money.ts';
import { assert } from '../../contract/result.ts';
import { shareOf } from './amounts/share-of.ts';
import { sum } from './amounts/spread.ts';
import { spreadPoints } from './amounts/spread-points.ts';
import type { CompiledRule } from './compile-rule-set.ts';
import { type Run, settleApplied, settleWithout } from './run-state.ts';

const WHOLE = 10_000n;
const EXACT_MAX = BigInt(Number.MAX_SAFE_INTEGER);
/** Largest weight handed on as a number; leaves headroom below 2^53 for sums over a basket. */
const WEIGHT_MAX = 2n ** 39n;

/**
 * Runs one step of the points lane: each group has one winner - the most points or the largest factor, then lower
 * rank. Winners wait until the lane ends, because factors of all steps are multiplied before the one rounding.
 */
export function runPointsStep(run: Run, rules: readonly CompiledRule[]): void {
  const groups = new Map<string, { best: CompiledRule; worth: number }>();
  for (const compiled of rules) {
    const worth = worthOf(run, compiled);
    if (worth === null) continue;
    const leader = groups.get(compiled.rule.group);
    if (leader === undefined) groups.set(compiled.rule.group, { best: compiled, worth });
    else if (worth > leader.worth) {
      settleWithout(run, leader.best, 'lost-to', { code: 'lost-to' }, compiled);
      groups.set(compiled.rule.group, { best: compiled, worth });
    } else settleWithout(run, compiled, 'lost-to', { code: 'lost-to' }, leader.best);
  }
  for (const { best } of groups.values())
    (best.family === 'earn' ? run.earns : run.multipliers).push(best);
}

/** How a rule compares inside its group: points before factors, or the factor itself; null = settled already. */
function worthOf(run: Run, compiled: CompiledRule): number | null {
  const { effect } = compiled.rule;
  if (run.input.member === null) {
    settleWithout(run, compiled, 'not-applicable', { code: 'member-unknown' });
    return null;
  }
  const amounts = earningAmounts(run, compiled);
  const total = sum(amounts);
  if (total === 0) {
    settleWithout(run, compiled, 'refused', { code: 'no-effect' });
    return null;
  }
  if (effect.kind === 'points-multiplier') return effect.factorBp;
  assert(effect.kind === 'points-earn', 'the points lane holds points effects only');
  return shareOf(total, effect.points, effect.perMinor, 'down');
}

/**
 * Ends the lane: points of each earning rule = floor(sum of amount x all factors x rate), then spread over its lines.
 * One sale earns {@link POINTS_MAX} points over all rules at most; a notice says where that took some away.
 */
export function endPointsLane(run: Run): void {
  let earnedAny = false;
  let left = POINTS_MAX;
  for (const compiled of run.earns) {
    const { effect, caps } = compiled.rule;
    assert(effect.kind === 'points-earn', 'only earning rules earn');
    const lines = run.selected(compiled.target);
    const { earned, weights } =
      run.multipliers.length === 0
        ? plainPoints(run, compiled)
        : factoredPoints(run, compiled, lines);
    const due = Math.min(earned, caps.points ?? earned);
    const points = Math.min(due, left);
    if (points < due) run.pointsCapped = true;
    left -= points;
    if (points === 0) {
      settleWithout(run, compiled, 'refused', { code: 'no-effect' });
      continue;
    }
    earnedAny = true;
    const parts = spreadPoints(points, weights);
    lines.forEach((line, position) => {
      run.pointsEarnedByLine[line] = (run.pointsEarnedByLine[line] ?? 0) + (parts[position] ?? 0);
    });
    run.lots.push({ ruleId: compiled.rule.id, bucket: effect.bucket, points });
    settleApplied(run, compiled, 0, points);
  }
  for (const compiled of run.multipliers) {
    if (earnedAny) settleApplied(run, compiled, 0, 0);
    else settleWithout(run, compiled, 'refused', { code: 'no-effect' });
  }
}

interface Earned {
  readonly earned: number;
  /** What each line contributed, to spread the points by. */
  readonly weights: readonly number[];
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
    weights: asNumbers(weights),
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

/** Keeps the proportions of exact weights in numbers; the coarsening can move an odd point between lines, no more. */
function asNumbers(weights: readonly bigint[]): number[] {
  let most = 0n;
  for (const weight of weights) if (weight > most) most = weight;
  let divisor = 1n;
  while (most / divisor > WEIGHT_MAX) divisor *= 2n;
  return weights.map((weight) => (weight > 0n ? Math.max(1, Number(weight / divisor)) : 0));
}
