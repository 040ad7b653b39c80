import type { EvaluationInput } from '../../contract/evaluation-input.ts';
import type { CompiledRule, CompiledRuleSet } from './compile-rule-set.ts';
import { runLanes } from './run-lanes.ts';
import { type Run, type Settled, settleWithout, silencerOf, startRun } from './run-state.ts';

/** What is known of the exclusive rules tried so far. */
interface Verdict {
  readonly accepted: readonly CompiledRule[];
  readonly turnedDown: ReadonlyMap<number, Settled>;
}

/**
 * Finds the exclusive rules that apply and runs the lanes with what they silence. Each is tried in turn, in rank order,
 * in the basket as it would be with the lanes it names already silent. One that would take nothing there silences
 * nothing and does not apply; neither does one that would silence an earlier exclusive rule. One trial each, no search.
 */
export function runWithExclusives(
  compiled: CompiledRuleSet,
  input: EvaluationInput,
  selected: (selector: number) => readonly number[],
  candidates: readonly number[],
  explaining: boolean,
): Run {
  let verdict: Verdict = { accepted: [], turnedDown: new Map() };
  const runWith = (accepted: readonly CompiledRule[], lastStep?: number): Run => {
    const run = startRun(compiled, input, selected, silenced(accepted), explaining);
    for (const [rank, settled] of verdict.turnedDown) run.settled[rank] = settled;
    const { turnedDown } = verdict;
    runLanes(
      run,
      turnedDown.size === 0 ? candidates : candidates.filter((rank) => !turnedDown.has(rank)),
      lastStep,
    );
    return run;
  };
  for (const rank of candidates) {
    const rule = compiled.rules[rank];
    if (
      rule === undefined ||
      rule.rule.exclusive.length === 0 ||
      silencerOf(silenced(verdict.accepted), rule) !== undefined
    )
      continue;
    const trial = runWith([...verdict.accepted, rule], isMoney(rule) ? rule.step : undefined);
    verdict = judge(verdict, rule, trial);
  }
  return runWith(verdict.accepted);
}

function judge(verdict: Verdict, rule: CompiledRule, trial: Run): Verdict {
  const holds = (exclusive: CompiledRule): boolean =>
    trial.settled[exclusive.rank]?.status === 'applied';
  const broken = verdict.accepted.find((exclusive) => !holds(exclusive));
  if (holds(rule) && broken === undefined)
    return { ...verdict, accepted: [...verdict.accepted, rule] };
  if (broken !== undefined) settleWithout(trial, rule, 'refused', { code: 'exclusive' }, broken);
  const settled = trial.settled[rule.rank];
  if (settled === undefined)
    throw new Error('broken invariant: a trial settles the rule that it tries');
  return { ...verdict, turnedDown: new Map(verdict.turnedDown).set(rule.rank, settled) };
}

/** The lanes that are silent, each with the rules that name it, in rank order. */
function silenced(exclusives: readonly CompiledRule[]): Map<string, CompiledRule[]> {
  const silencedBy = new Map<string, CompiledRule[]>();
  for (const exclusive of exclusives) {
    for (const lane of exclusive.rule.exclusive) {
      const others = silencedBy.get(lane);
      if (others === undefined) silencedBy.set(lane, [exclusive]);
      else others.push(exclusive);
    }
  }
  return silencedBy;
}

/** Money is settled in its step; points and grants only when their lane ends. */
function isMoney(rule: CompiledRule): boolean {
  return rule.family === 'line' || rule.family === 'order';
}
