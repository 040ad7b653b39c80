import type { Evaluation } from '../../agent/contract/evaluation.ts';
import { POINTS_MAX } from '../../agent/contract/money.ts';
import type { DrawnRule } from './drawn-rule.ts';
import { type Fraction, floor, fraction, least, plus, times, total, ZERO } from './fraction.ts';
import {
  admitted,
  allotmentEnd,
  type Books,
  groupOf,
  markApplied,
  stepsOf,
  targetOf,
} from './oracle-run.ts';
import { shareOut } from './share-out.ts';

export interface Earned {
  readonly lots: Evaluation['points']['lots'];
  readonly byLine: readonly bigint[];
  readonly byRule: ReadonlyMap<string, bigint>;
}

/** The lane of points earned: factors of all steps are multiplied first, then one floor for each rule that earns. */
export function earn(rules: readonly DrawnRule[], books: Books): Earned {
  const open = stepsOf(rules, ['points-earn']).flatMap((step) => admitted(step, books));
  const factorOf = books.input.lines.map(() => fraction(1n));
  const multipliers = winners(open.filter(isFactor), books, (rule) =>
    targetOf(rule, books).some((line) => (books.runningMinor[line] ?? 0n) > 0n)
      ? factorBp(rule)
      : 0n,
  );
  for (const rule of multipliers)
    for (const line of targetOf(rule, books))
      factorOf[line] = times(factorOf[line] ?? ZERO, fraction(factorBp(rule), 10_000n));
  const byLine = books.input.lines.map(() => 0n);
  const earning = new Set<number>();
  const byRule = new Map<string, bigint>();
  const lots: { ruleId: DrawnRule['id']; bucket: string; points: number }[] = [];
  const exact = (rule: DrawnRule): Fraction[] => contributions(rule, factorOf, books);
  const amount = (rule: DrawnRule): bigint => {
    const all = floor(exact(rule).reduce(plus, ZERO));
    return rule.caps.points === undefined ? all : least(all, BigInt(rule.caps.points));
  };
  for (const rule of winners(
    open.filter((one) => !isFactor(one)),
    books,
    amount,
  )) {
    const room = BigInt(POINTS_MAX) - total(byLine);
    const points = least(amount(rule), room);
    byRule.set(rule.id, points);
    shareOut(points, exact(rule)).forEach((part, line) => {
      byLine[line] = (byLine[line] ?? 0n) + part;
      if ((exact(rule)[line]?.n ?? 0n) > 0n) earning.add(line);
    });
    const bucket = rule.effect.kind === 'points-earn' ? rule.effect.bucket : '';
    lots.push({ ruleId: rule.id, bucket, points: Number(points) });
  }
  // A factor that covers no line that earns has no effect.
  for (const rule of multipliers)
    if (!targetOf(rule, books).some((line) => earning.has(line)))
      books.ends.set(rule.id, { status: 'refused', code: 'no-effect' });
  return { lots, byLine, byRule };
}

function isFactor({ effect }: DrawnRule): boolean {
  return effect.kind === 'points-multiplier';
}

function factorBp({ effect }: DrawnRule): bigint {
  return effect.kind === 'points-multiplier' ? BigInt(effect.factorBp) : 0n;
}

function contributions(rule: DrawnRule, factorOf: readonly Fraction[], books: Books): Fraction[] {
  const { effect } = rule;
  if (effect.kind !== 'points-earn') throw new Error('not a rule that earns points');
  const base = effect.basis === 'gross' ? books.listMinor : books.runningMinor;
  const target = targetOf(rule, books);
  const rate = fraction(BigInt(effect.points), BigInt(effect.perMinor));
  return base.map((minor, line) =>
    target.includes(line) ? times(times(fraction(minor), rate), factorOf[line] ?? ZERO) : ZERO,
  );
}

/** Of each group of a step the rule with the largest amount above zero, a tie to the first in rank order. */
function winners(
  open: readonly DrawnRule[],
  books: Books,
  amount: (rule: DrawnRule) => bigint,
): DrawnRule[] {
  const won: DrawnRule[] = [];
  const groups = new Map<string, DrawnRule[]>();
  for (const rule of open) {
    const key = `${rule.step} ${groupOf(rule)}`;
    groups.set(key, [...(groups.get(key) ?? []), rule]);
  }
  for (const members of groups.values()) {
    const able = members.filter((rule) => {
      const end =
        amount(rule) === 0n
          ? ({ status: 'refused', code: 'no-effect' } as const)
          : allotmentEnd(rule, books);
      if (end !== null) books.ends.set(rule.id, end);
      return end === null;
    });
    const [best] = [...able].sort(
      (a, b) => Number(amount(b) - amount(a)) || members.indexOf(a) - members.indexOf(b),
    );
    if (best === undefined) continue;
    for (const rule of able) books.ends.set(rule.id, { status: 'lost-to', code: 'lost-to' });
    markApplied(best, books);
    won.push(best);
  }
  return won;
}
