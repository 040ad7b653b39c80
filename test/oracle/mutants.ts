/** One planted mistake: `was` stands exactly once in the file of the engine and is replaced. */
export interface Mutant {
  readonly mistake: string;
  /** Under agent/domain/benefits. */
  readonly file: string;
  readonly was: string;
  readonly is: string;
}

export const MUTANTS: readonly Mutant[] = [
  {
    mistake: 'half a minor unit is rounded down',
    file: 'amounts/share-of.ts',
    was: 'rest >= denominator - rest',
    is: 'rest > denominator - rest',
  },
  {
    mistake: 'of equal remainders the later line gets the odd unit',
    file: 'amounts/spread.ts',
    was: '(rests[order[place - 1] ?? 0] ?? 0) < rest;',
    is: '(rests[order[place - 1] ?? 0] ?? 0) <= rest;',
  },
  {
    mistake: 'the odd unit goes to the smallest remainder',
    file: 'amounts/spread.ts',
    was: 'rests.push(rest);',
    is: 'rests.push(-rest);',
  },
  {
    mistake: 'the floor of a line counts for one unit only',
    file: 'basket-state.ts',
    was: 'amount - line.qty * Math.min(',
    is: 'amount - Math.min(',
  },
  {
    mistake: 'priority is read the wrong way round',
    file: 'compile-rule-set.ts',
    was: 'a.priority - b.priority ||',
    is: 'b.priority - a.priority ||',
  },
  {
    mistake: 'a later step computes from list prices',
    file: 'run-money-step.ts',
    was: 'const running = gather(start.running, lines);',
    is: 'const running = gather(state.list, lines);',
  },
  {
    mistake: 'of equal discounts the later rule wins',
    file: 'run-money-step.ts',
    was: 'bid.proposal.totalMinor > best.proposal.totalMinor',
    is: 'bid.proposal.totalMinor >= best.proposal.totalMinor',
  },
  {
    mistake: 'the last minor unit of a budget cannot be spent',
    file: 'run-money-step.ts',
    was: 'if (used + totalMinor <= budget.limitMinor) return false;',
    is: 'if (used + totalMinor < budget.limitMinor) return false;',
  },
  {
    mistake: 'one use too many of an allotment',
    file: 'allowance-gate.ts',
    was: 'taken < held.available',
    is: 'taken <= held.available',
  },
  {
    mistake: 'one use beyond the limit',
    file: 'gate.ts',
    was: 'if (used < limit.max) continue;',
    is: 'if (used <= limit.max) continue;',
  },
  {
    mistake: 'a window ends one second early',
    file: 'window.ts',
    was: 'momentNow(now) > last',
    is: 'momentNow(now) >= last',
  },
  {
    mistake: 'a daily span includes its last minute',
    file: 'window.ts',
    was: 'now.minuteOfDay < end',
    is: 'now.minuteOfDay <= end',
  },
  {
    mistake: 'an exclusive rule silences nobody',
    file: 'run-state.ts',
    was: '(silencer) => silencer !== compiled',
    is: '() => false',
  },
  {
    mistake: 'points are rounded half up',
    file: 'run-points-lane.ts',
    was: "shareOf(sum(weights), effect.points, effect.perMinor, 'down')",
    is: "shareOf(sum(weights), effect.points, effect.perMinor, 'half-up')",
  },
  {
    mistake: 'a cap on points is forgotten',
    file: 'run-points-lane.ts',
    was: 'compiled.rule.caps.points ?? earned.earned',
    is: 'earned.earned',
  },
  {
    mistake: 'a return takes points back rounded up',
    file: 'return-share.ts',
    was: 'Math.floor((points * units) / qty)',
    is: 'Math.ceil((points * units) / qty)',
  },
];
