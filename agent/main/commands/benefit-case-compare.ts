import type { Evaluation } from '../../contract/evaluation.ts';
import type { EvaluationInput } from '../../contract/evaluation-input.ts';
import { caseReason } from './benefit-case-adapter.ts';
import type { CaseExpect } from './benefit-case-schema.ts';

/** What a case may expect, as it came out; `error` where the publisher or the engine refused the case. */
export type Seen = Record<string, unknown>;

/**
 * The figures of an evaluation in the words of the format.
 * @param order benefit ids in the order in which they take effect
 */
export function seenOf(
  evaluation: Evaluation,
  input: EvaluationInput,
  order: readonly string[],
): Seen {
  const applied = new Set<string>();
  const rejected: Record<string, string[]> = {};
  for (const outcome of evaluation.outcomes) {
    if (outcome.status === 'applied') applied.add(outcome.ruleId);
    else rejected[outcome.ruleId] = [caseReason(outcome), outcome.code];
  }
  const { points, claims } = evaluation;
  const { spentByBucket = points.spent === 0 ? {} : { base: points.spent } } = points;
  return {
    totalMinor: evaluation.payableMinor,
    discountMinor: evaluation.discountMinor,
    lineDiscounts: byLine(evaluation, 'discountMinor'),
    linePoints: byLine(evaluation, 'pointsEarned'),
    applied: order.filter((id) => applied.has(id)),
    rejected,
    pointsEarned: points.earned,
    pointsSpent: points.spent,
    pointsEarnedByBucket: summed(points.lots.map(({ bucket, points }) => [bucket, points])),
    pointsSpentByBucket: spentByBucket,
    pendingDaysByBucket: Object.fromEntries(
      points.lots.map(({ bucket, pendingDays }) => [bucket, pendingDays ?? 0]),
    ),
    gifts: evaluation.gifts.map(({ sku, qty }) => ({ sku, qty })),
    entitlements: evaluation.entitlements.map(({ kind }) => kind),
    donations: summed(
      (evaluation.donations ?? []).map(({ cause, amountMinor }) => [cause, amountMinor]),
    ),
    couponsUsed: evaluation.couponsUsed,
    allotmentsTaken: claims.allotments,
    budgetsTaken: summed(
      claims.budgets.map(({ budgetId, amountMinor }) => [budgetId, amountMinor]),
    ),
    tierAfter: evaluation.tierAfter,
    sceneTags: input.scene.tags,
    birthdayToday: input.member?.birthdayToday,
  };
}

function byLine(
  { lines }: Evaluation,
  key: 'discountMinor' | 'pointsEarned',
): Record<string, number> {
  return Object.fromEntries(lines.map((line) => [line.lineId, line[key]]));
}

function summed(parts: readonly (readonly [string, number])[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [name, value] of parts) sums[name] = (sums[name] ?? 0) + value;
  return sums;
}

/** The expected keys that differ; of lines, rejections and lots only the listed ones count. */
export function mismatches(expected: CaseExpect, seen: Seen): string[] {
  const wrong = Object.keys(expected).filter((key) => {
    switch (key) {
      case 'lineTolerance':
        return false;
      case 'lineDiscounts':
        return linesDiffer(expected, seen[key] as Record<string, number> | undefined);
      case 'rejected': {
        const reasons = (seen[key] ?? {}) as Record<string, string[]>;
        return Object.entries(expected.rejected ?? {}).some(
          ([id, reason]) => reasons[id]?.includes(reason) !== true,
        );
      }
      case 'linePoints':
      case 'lots':
        return listedDiffer(expected[key] ?? {}, seen[key]);
      case 'returns':
        return returnsDiffer(expected.returns ?? [], seen[key]);
      default:
        return plain(seen[key]) !== plain(expected[key as keyof CaseExpect]);
    }
  });
  return seen['error'] === undefined ? wrong : [...wrong, 'error'];
}

/** JSON with the keys of records in one order. */
function plain(value: unknown): string | undefined {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

function listedDiffer(expected: object, seen: unknown): boolean {
  const values = (seen ?? {}) as Record<string, unknown>;
  return Object.entries(expected).some(([key, value]) => plain(values[key]) !== plain(value));
}

function returnsDiffer(expected: readonly object[], seen: unknown): boolean {
  const returns = Array.isArray(seen) ? (seen as unknown[]) : [];
  return (
    expected.length !== returns.length ||
    expected.some((one, index) => listedDiffer(one, returns[index]))
  );
}

function linesDiffer(
  { lineDiscounts = {}, lineTolerance = 0 }: CaseExpect,
  seen: Record<string, number> = {},
): boolean {
  return Object.entries(lineDiscounts).some(
    ([id, minor]) =>
      Math.abs((seen[id] ?? Number.NaN) - minor) > lineTolerance || seen[id] === undefined,
  );
}
