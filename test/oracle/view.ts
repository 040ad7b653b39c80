import type { Evaluation } from '../../agent/contract/evaluation.ts';
import { returnShare } from '../../agent/domain/benefits/return-share.ts';
import type { DrawnRule } from './drawn-rule.ts';
import { fraction, total } from './fraction.ts';
import { payableOf, type Verdict } from './oracle.ts';
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
      returns: partsOf(line.qty).map(([before, units]) => {
        const back = returnShare(evaluation, { [line.lineId]: before }, { [line.lineId]: units });
        return back.ok
          ? [back.value.refundMinor, back.value.pointsToClawBack, back.value.pointsToGiveBack]
          : back.error;
      }),
    })),
    listMinor: evaluation.listMinor,
    discountMinor: evaluation.discountMinor,
    payableMinor: evaluation.payableMinor,
    spent: points.spent,
    spentMinor: points.spentMinor,
    earned: points.earned,
    lots: sorted(points.lots.map((lot) => `${lot.ruleId} ${lot.bucket} ${lot.points}`)),
    couponsUsed: sorted(evaluation.couponsUsed),
    budgets: sorted(
      claims.budgets.map(({ budgetId, amountMinor }) => `${budgetId} ${amountMinor}`),
    ),
    allotments: sorted(claims.allotments),
    uses: sorted(claims.uses),
    gifts: evaluation.gifts.map(({ ruleId, sku, qty }) => ({ ruleId, sku, qty })),
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
      const [pointsEarned, pointsSpent] = [
        earned.byLine[line] ?? 0n,
        verdict.pointsSpentByLine[line] ?? 0n,
      ];
      return {
        discountMinor: Number(list - payable),
        payableMinor: Number(payable),
        units,
        discounts: sorted(
          [...books.taken].flatMap(([id, lines]) =>
            (lines[line] ?? 0n) > 0n ? [`${id} ${lines[line]}`] : [],
          ),
        ),
        pointsEarned: Number(pointsEarned),
        pointsSpent: Number(pointsSpent),
        returns: partsOf(qty).map(([before, count]) => [
          units.slice(before, before + count).reduce((sum, unit) => sum + unit, 0),
          ...[pointsEarned, pointsSpent].map((points) => pointsBack(points, qty, before, count)),
        ]),
      };
    }),
    listMinor: Number(total(books.listMinor)),
    discountMinor: Number(total(books.listMinor) - payableOf(verdict)),
    payableMinor: Number(payableOf(verdict)),
    spent: Number(total([...books.pointsSpent.values()])),
    spentMinor: Number(total(spends.map(discountOf))),
    earned: Number(total(earned.byLine)),
    lots: sorted(earned.lots.map((lot) => `${lot.ruleId} ${lot.bucket} ${lot.points}`)),
    couponsUsed: sorted(new Set(applied.flatMap(({ coupon }) => coupon?.code ?? []))),
    budgets: sorted([...books.budgetTaken].map(([id, minor]) => `${id} ${minor}`)),
    allotments: sorted(applied.flatMap(({ allotment }) => allotment?.id ?? [])),
    uses: sorted(applied.flatMap(({ id, limits }) => (limits.length > 0 ? [id] : []))),
    gifts: grants.gifts,
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

/** Cumulative floor, so that partial returns add up to the whole (section 4, "Returns"). */
function pointsBack(points: bigint, qty: number, before: number, count: number): number {
  const upTo = (units: number): bigint => (points * BigInt(units)) / BigInt(qty);
  return Number(upTo(before + count) - upTo(before));
}
