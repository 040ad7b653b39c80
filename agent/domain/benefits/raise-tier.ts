import type { Run } from './run-state.ts';

/**
 * Notes a tier that a rule found reached. Of two, the one that the spend tiers of the set put higher stands; where they do
 * not name both, the rule that runs later decides.
 */
export function raiseTier(run: Run, tier: string): void {
  const before = run.tierAfter;
  run.tierAfter = before === undefined || !isHigher(run, before, tier) ? tier : before;
}

function isHigher(run: Run, tier: string, other: string): boolean {
  const fromMinor = new Map<string, number>();
  for (const { effect } of run.compiled.ruleSet.rules)
    if (effect.kind === 'spend-tier')
      // Where two rules name a tier, the lower spend counts, whichever stands first in the file.
      for (const step of effect.steps)
        fromMinor.set(step.tier, Math.min(step.fromMinor, fromMinor.get(step.tier) ?? Infinity));
  const [a, b] = [fromMinor.get(tier), fromMinor.get(other)];
  return a !== undefined && b !== undefined && a > b;
}
