import type { Evaluation } from '../../agent/contract/evaluation.ts';
import { POINTS_MAX } from '../../agent/contract/money.ts';
import { type DrawnRule, SET_PENDING_DAYS } from './drawn-rule.ts';
import { type Fraction, floor, fraction, least, plus, times, total, ZERO } from './fraction.ts';
import {
  addByLine,
  admitted,
  allotmentEnd,
  type Books,
  groupOf,
  inRank,
  markApplied,
  stepsOf,
  targetOf,
} from './oracle-run.ts';
import { shareOut } from './share-out.ts';

export interface Earned {
  readonly lots: Evaluation['points']['lots'];
  readonly byLine: readonly bigint[];
  /** The same by category of points. */
  readonly byBucket: ReadonlyMap<string, readonly bigint[]>;
  readonly byRule: ReadonlyMap<string, bigint>;
}

/**
 * The lane of points earned: factors of all steps are multiplied first, then one floor for each rule that earns. Uses of
 * allotments are taken by the winners, factors first, each kind in rank order; who comes too late is refused, and nobody
 * steps in for it, as in the lanes of money.
 */
export function earn(rules: readonly DrawnRule[], books: Books): Earned {
  const open = stepsOf(rules, ['points-earn'])
    .flatMap((step) => admitted(step, books))
    .filter((rule) => hasUseLeft(rule, books));
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
  const byBucket = new Map<string, bigint[]>();
  const earning = new Set<number>();
  const byRule = new Map<string, bigint>();
  const lots: Earned['lots'][number][] = [];
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
    const { bucket, pendingDays } = lotOf(rule);
    const parts = shareOut(points, exact(rule));
    parts.forEach((part, line) => {
      byLine[line] = (byLine[line] ?? 0n) + part;
      if ((exact(rule)[line]?.n ?? 0n) > 0n) earning.add(line);
    });
    addByLine(byBucket, bucket, parts);
    lots.push({
      ruleId: rule.id,
      bucket,
      points: Number(points),
      ...(pendingDays === 0 ? {} : { pendingDays }),
    });
  }
  // A factor that covers no line that earns has no effect.
  for (const rule of multipliers)
    if (!targetOf(rule, books).some((line) => earning.has(line))) {
      books.ends.set(rule.id, { status: 'refused', code: 'no-effect' });
      giveBackUse(rule, books);
    }
  return { lots, byLine, byBucket, byRule };
}

function hasUseLeft(rule: DrawnRule, books: Books): boolean {
  const end = allotmentEnd(rule, books);
  if (end !== null) books.ends.set(rule.id, end);
  return end === null;
}

function giveBackUse({ allotment }: DrawnRule, { allotmentTaken }: Books): void {
  if (allotment !== undefined)
    allotmentTaken.set(allotment.id, (allotmentTaken.get(allotment.id) ?? 0n) - 1n);
}

/** Points wait as long as their rule says, else as long as the rule file says. */
function lotOf({ effect }: DrawnRule): { bucket: string; pendingDays: number } {
  if (effect.kind !== 'points-earn') throw new Error('not a rule that earns points');
  return { bucket: effect.bucket, pendingDays: effect.pendingDays ?? SET_PENDING_DAYS };
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
  const best: DrawnRule[] = [];
  const groups = new Map<string, DrawnRule[]>();
  for (const rule of open) {
    const key = `${rule.step} ${groupOf(rule)}`;
    groups.set(key, [...(groups.get(key) ?? []), rule]);
  }
  for (const members of groups.values()) {
    const able = members.filter((rule) => amount(rule) > 0n);
    const [winner] = [...able].sort(
      (a, b) => Number(amount(b) - amount(a)) || members.indexOf(a) - members.indexOf(b),
    );
    for (const rule of members)
      books.ends.set(
        rule.id,
        able.includes(rule)
          ? { status: 'lost-to', code: 'lost-to' }
          : { status: 'refused', code: 'no-effect' },
      );
    if (winner !== undefined) best.push(winner);
  }
  return inRank(best).filter((rule) => {
    const left = hasUseLeft(rule, books);
    if (left) markApplied(rule, books);
    return left;
  });
}
