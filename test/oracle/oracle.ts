import type { EvaluationInput } from '../../agent/contract/evaluation-input.ts';
import type { DrawnRule } from './drawn-rule.ts';
import { fraction, total } from './fraction.ts';
import { type Grants, grant } from './oracle-grants.ts';
import { type Earned, earn } from './oracle-points.ts';
import {
  addByLine,
  type Books,
  type End,
  inRank,
  openBooks,
  runMoneyStep,
  stepsOf,
} from './oracle-run.ts';
import { shareOut } from './share-out.ts';

/** What the oracle says of a basket. */
export interface Verdict {
  readonly books: Books;
  readonly earned: Earned;
  readonly grants: Grants;
  /** Points spent by category and line. */
  readonly spent: ReadonlyMap<string, readonly bigint[]>;
}

/**
 * Decides a basket by brute force, from research/benefits.md section 4 and decision 0003. It shares no code with the
 * engine: exact fractions, one unit at a time, the whole set tried again for each exclusive rule, in rank order. An
 * exclusive rule that does not apply with its lanes silent, or that would undo an earlier one, is turned down for good.
 */
export function decide(rules: readonly DrawnRule[], input: EvaluationInput): Verdict {
  const accepted: DrawnRule[] = [];
  const turnedDown = new Map<string, End>();
  for (const rule of inRank(rules).filter(({ exclusive }) => exclusive.length > 0)) {
    if (accepted.some((earlier) => silences(earlier, rule))) continue;
    const { ends } = runAll(rules, input, [...accepted, rule], turnedDown).books;
    const own = ends.get(rule.id);
    const breaks = accepted.some(({ id }) => ends.get(id)?.status !== 'applied');
    if (breaks) turnedDown.set(rule.id, { status: 'refused', code: 'exclusive' });
    else if (own?.status === 'applied') accepted.push(rule);
    else if (own !== undefined) turnedDown.set(rule.id, own);
  }
  return runAll(rules, input, accepted, turnedDown);
}

function silences(loud: DrawnRule, other: DrawnRule): boolean {
  return loud.id !== other.id && loud.exclusive.includes(other.lane);
}

function runAll(
  rules: readonly DrawnRule[],
  input: EvaluationInput,
  loud: readonly DrawnRule[],
  turnedDown: ReadonlyMap<string, End>,
): Verdict {
  const books = openBooks(input);
  const heard = rules.filter((rule) => {
    const silent = loud.some((one) => silences(one, rule));
    const end = silent ? ({ status: 'refused', code: 'exclusive' } as const) : null;
    const known = turnedDown.get(rule.id) ?? end;
    if (known !== null) books.ends.set(rule.id, known);
    return known === null;
  });
  for (const step of stepsOf(heard, ['price', 'multi-buy', 'basket', 'coupon', 'points-spend']))
    runMoneyStep(step, rules, books);
  const earned = earn(heard, books);
  const grants = grant(heard, rules, books);
  return { books, earned, grants, spent: spentByLine(rules, books) };
}

/** Each rule that spends points shares them over its lines by what it took from each. */
function spentByLine(
  rules: readonly DrawnRule[],
  { pointsSpent, taken }: Books,
): Map<string, bigint[]> {
  const spent = new Map<string, bigint[]>();
  for (const { id, effect } of rules) {
    const points = pointsSpent.get(id);
    if (points === undefined || effect.kind !== 'points-redeem') continue;
    const weights = (taken.get(id) ?? []).map((minor) => fraction(minor));
    addByLine(spent, effect.bucket, shareOut(points, weights));
  }
  return spent;
}

/** The payable amount of a basket. */
export function payableOf({ books }: Verdict): bigint {
  return total(books.runningMinor);
}
