import { allowanceRefusal } from './allowance-gate.ts';
import type { CompiledRule } from './compile-rule-set.ts';
import { closedGate } from './gate.ts';
import { rightOf } from './right-of.ts';
import { runGrantStep } from './run-grant-step.ts';
import { runMoneyStep } from './run-money-step.ts';
import { endPointsLane, runPointsStep } from './run-points-lane.ts';
import { type Run, settleWithout, silencerOf, withoutMember } from './run-state.ts';

/**
 * Runs the lanes in order, step by step. Gates of a step are all tested before any of its rules takes effect.
 * @param candidates ranks in ascending order
 * @param lastStep runs no further than this step; absent = all
 */
export function runLanes(
  run: Run,
  candidates: readonly number[],
  lastStep = Number.MAX_SAFE_INTEGER,
): void {
  let pointsLaneOpen = true;
  for (let position = 0; position < candidates.length; ) {
    const step: CompiledRule[] = [];
    const first = ruleAt(run, candidates[position]);
    if (first.step > lastStep) return;
    for (; position < candidates.length; position += 1) {
      const compiled = ruleAt(run, candidates[position]);
      if (compiled.step !== first.step) break;
      step.push(compiled);
    }
    const { lane } = first.rule;
    if (lane === 'entitlement' && pointsLaneOpen) {
      endPointsLane(run);
      pointsLaneOpen = false;
    }
    const open = step.filter((compiled) => isOpen(run, compiled));
    if (lane === 'points-earn') runPointsStep(run, open);
    else if (lane === 'entitlement') runGrantStep(run, open);
    else runMoneyStep(run, open);
  }
  if (pointsLaneOpen) endPointsLane(run);
}

function ruleAt(run: Run, rank: number | undefined): CompiledRule {
  const compiled = rank === undefined ? undefined : run.compiled.rules[rank];
  if (compiled === undefined)
    throw new Error('broken invariant: a candidate is no rule of the set');
  return compiled;
}

/** Tests what stands between a rule and its effect, and settles it where something does. */
export function isOpen(run: Run, compiled: CompiledRule): boolean {
  const silencer = silencerOf(run.silencedBy, compiled);
  if (silencer !== undefined) {
    settleWithout(run, compiled, 'refused', { code: 'exclusive' }, silencer);
    return false;
  }
  const { gate, rule } = compiled;
  const failure = closedGate(rule, gate, run.facts, run.input, run.explaining);
  if (failure !== null) {
    // A code that was presented, or a use that was counted out, is a claim of the shopper that is turned down.
    const presented = gate.codeTerms.length > 0 && failure.code !== 'code-missing';
    const counted = failure.code === 'usage-limit' || failure.code === 'member-usage-limit';
    settleWithout(run, compiled, presented || counted ? 'refused' : 'not-applicable', failure);
    return false;
  }
  // Said last, so that nobody is asked for proof of what they could not have anyway.
  if (run.input.withheld?.[rightOf(rule)] !== undefined) {
    settleWithout(run, compiled, 'refused', { code: 'proof-needed' });
    return false;
  }
  const refusal = allowanceRefusal(rule, run.input);
  if (refusal !== null)
    settleWithout(
      run,
      compiled,
      refusal.code === 'member-unknown' ? withoutMember(compiled) : 'refused',
      refusal,
    );
  return refusal === null;
}
