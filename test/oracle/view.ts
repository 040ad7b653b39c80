import type { Evaluation } from '../../agent/contract/evaluation.ts';
import { returnShare } from '../../agent/domain/benefits/return-share.ts';
import type { DrawnRule } from './drawn-rule.ts';
import { fraction, total } from './fraction.ts';
import { payableOf, type Verdict } from './oracle.ts';
import { takenBy } from './oracle-codes.ts';
import { inRank } from './oracle-run.ts';
import { shareOut } from './share-out.ts';

/** What both sides must agree on, in one form. */
export type View = Readonly<Record<string, unknown>>;

/**
 * Why an exclusive rule does not apply may be told by its own gate or by the rule that silences it: both are true, so
 * the two sides need not tell the same.
 */
function statusOf(rule: DrawnRule | undefined, status: string | undefined): string {
  const exclusive = (rule?.exclusive.length ?? 0) > 0;
  return exclusive && status !== 'applied' ? 'not applied' : String(status);
}

export function viewOfEvaluation(rules: readonly DrawnRule[], evaluation: Evaluation): View {
  const { points, claims } = evaluation;
  const ruleOf = (id: string): DrawnRule | undefined => rules.find((rule) => rule.id === id);
  return {
    lines: evaluation.lines.map((line) => ({
      discountMinor: line.discountMinor,
      payableMinor: line.payableMinor,
      units: line.unitShares.flatMap(({ count, paidMinor }) =>
        Array.from({ length: count }, () => paidMinor),
      ),
      discounts: sorted(
        line.discounts.map(({ ruleId, discountMinor }) => `${ruleId} ${discountMinor}`),
      ),
      pointsEarned: line.pointsEarned,
      pointsSpent: line.pointsSpent,
      earned: amounts(line.pointsEarnedByBucket ?? { base: line.pointsEarned }),
      spent: amounts(line.pointsSpentByBucket ?? { base: line.pointsSpent }),
      returns: partsOf(line.qty).map(([before, units]) => {
        const back = returnShare(evaluation, { [line.lineId]: before }, { [line.lineId]: units });
        if (!back.ok) return back.error;
        const { refundMinor, earned, spent, donatedMinor } = back.value;
        return [refundMinor, amounts(earned), amounts(spent), donatedMinor];
      }),
      donatedMinor: line.donatedMinor ?? 0,
    })),
    listMinor: evaluation.listMinor,
    discountMinor: evaluation.discountMinor,
    payableMinor: evaluation.payableMinor,
    spent: points.spent,
    spentMinor: points.spentMinor,
    spentByBucket: amounts(points.spentByBucket ?? { base: points.spent }),
    earned: points.earned,
    lots: sorted(points.lots.map(lotText)),
    couponsUsed: sorted(evaluation.couponsUsed),
    budgets: sorted(
      claims.budgets.map(({ budgetId, amountMinor }) => `${budgetId} ${amountMinor}`),
    ),
    allotments: sorted(claims.allotments),
    uses: sorted(claims.uses),
    gifts: evaluation.gifts.map(({ ruleId, sku, qty, valueMinor }) => ({
      ruleId,
      sku,
      qty,
      valueMinor,
    })),
    donations: evaluation.donations ?? [],
    entitlements: evaluation.entitlements,
    tierAfter: evaluation.tierAfter ?? null,
    outcomes: sorted(
      evaluation.outcomes.map(
        (one) =>
          `${one.ruleId} ${statusOf(ruleOf(one.ruleId), one.status)} ${one.discountMinor} ${one.points}`,
      ),
    ),
  };
}

export function viewOfVerdict(rules: readonly DrawnRule[], verdict: Verdict): View {
  const { books, earned, grants } = verdict;
  const applied = inRank(rules).filter(({ id }) => books.ends.get(id)?.status === 'applied');
  const discountOf = (id: string): bigint => total(books.taken.get(id) ?? []);
  const spends = [...books.pointsSpent.keys()];
  return {
    lines: books.input.lines.map(({ qty }, line) => {
      const list = books.listMinor[line] ?? 0n;
      const payable = books.runningMinor[line] ?? 0n;
      const equal = Array.from({ length: qty }, () => fraction(1n));
      const units = shareOut(payable, equal).map(Number);
      const pointsEarned = bucketsOf(verdict.earned.byBucket, line);
      const pointsSpent = bucketsOf(verdict.spent, line);
      const donated = grants.donatedByLine[line] ?? 0n;
      return {
        discountMinor: Number(list - payable),
        payableMinor: Number(payable),
        units,
        discounts: sorted(
          [...books.taken].flatMap(([id, lines]) =>
            (lines[line] ?? 0n) > 0n ? [`${id} ${lines[line]}`] : [],
          ),
        ),
        pointsEarned: Number(total(Object.values(pointsEarned))),
        pointsSpent: Number(total(Object.values(pointsSpent))),
        earned: amounts(pointsEarned),
        spent: amounts(pointsSpent),
        returns: partsOf(qty).map(([before, count]) => [
          units.slice(before, before + count).reduce((sum, unit) => sum + unit, 0),
          ...[pointsEarned, pointsSpent].map((points) => pointsBack(points, qty, before, count)),
          Number(partBack(donated, qty, before, count)),
        ]),
        donatedMinor: Number(donated),
      };
    }),
    listMinor: Number(total(books.listMinor)),
    discountMinor: Number(total(books.listMinor) - payableOf(verdict)),
    payableMinor: Number(payableOf(verdict)),
    spent: Number(total([...books.pointsSpent.values()])),
    spentMinor: Number(total(spends.map(discountOf))),
    spentByBucket: amounts(Object.fromEntries(books.bucketSpent)),
    earned: Number(total(earned.byLine)),
    lots: sorted(earned.lots.map(lotText)),
    couponsUsed: sorted(new Set(applied.flatMap((rule) => takenBy(rule, books.input)?.name ?? []))),
    budgets: sorted([...books.budgetTaken].map(([id, minor]) => `${id} ${minor}`)),
    allotments: sorted(applied.flatMap(({ allotment }) => allotment?.id ?? [])),
    uses: sorted(applied.flatMap(({ id, limits }) => (limits.length > 0 ? [id] : []))),
    gifts: grants.gifts.map(({ ruleId, sku, qty, valueMinor }) => ({
      ruleId,
      sku,
      qty,
      valueMinor,
    })),
    donations: grants.donations,
    entitlements: grants.entitlements,
    tierAfter: grants.tierAfter ?? null,
    outcomes: sorted(
      rules.map((rule) => {
        const { id } = rule;
        const points = (earned.byRule.get(id) ?? 0n) - (books.pointsSpent.get(id) ?? 0n);
        return `${id} ${statusOf(rule, books.ends.get(id)?.status)} ${discountOf(id)} ${points}`;
      }),
    ),
  };
}

function lotText({
  ruleId,
  bucket,
  points,
  pendingDays,
}: Evaluation['points']['lots'][number]): string {
  return `${ruleId} ${bucket} ${points} ${pendingDays ?? 'at once'}`;
}

/** What there is of each category of points, in one form. */
function amounts(byBucket: Readonly<Record<string, number | bigint>>): string[] {
  return sorted(
    Object.entries(byBucket).flatMap(([id, points]) => (points > 0 ? [`${id} ${points}`] : [])),
  );
}

function sorted(list: Iterable<string>): string[] {
  return [...list].sort();
}

/** A return of the smaller half of a line and one of the rest: units returned before, and with this return. */
function partsOf(qty: number): [number, number][] {
  const half = Math.floor(qty / 2);
  return half === 0
    ? [[0, qty]]
    : [
        [0, half],
        [half, qty - half],
      ];
}

/** Cumulative floor by category, so that partial returns add up to the whole (section 4, "Returns"). */
function pointsBack(
  byBucket: Readonly<Record<string, bigint>>,
  qty: number,
  before: number,
  count: number,
): string[] {
  return amounts(
    Object.fromEntries(
      Object.entries(byBucket).map(([bucket, points]) => [
        bucket,
        partBack(points, qty, before, count),
      ]),
    ),
  );
}

function partBack(whole: bigint, qty: number, before: number, count: number): bigint {
  const upTo = (units: number): bigint => (whole * BigInt(units)) / BigInt(qty);
  return upTo(before + count) - upTo(before);
}

/** Points of one line by category. */
function bucketsOf(
  byBucket: ReadonlyMap<string, readonly bigint[]>,
  line: number,
): Record<string, bigint> {
  return Object.fromEntries([...byBucket].map(([bucket, lines]) => [bucket, lines[line] ?? 0n]));
}
