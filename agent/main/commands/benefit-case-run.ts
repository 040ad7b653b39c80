import { z } from 'zod';
import { publishRules } from '../../../sync/hq/publish/publish-rules.ts';
import type { Evaluation } from '../../contract/evaluation.ts';
import { err, ok, type Result } from '../../contract/result.ts';
import { compileRuleSet } from '../../domain/benefits/compile-rule-set.ts';
import { evaluate } from '../../domain/benefits/evaluate.ts';
import { returnShare } from '../../domain/benefits/return-share.ts';
import { adaptCase, caseReason } from './benefit-case-adapter.ts';
import {
  type BenefitCase,
  benefitCaseFileSchema,
  benefitCaseSchema,
  type CaseExpect,
} from './benefit-case-schema.ts';

export interface CaseReport {
  readonly passed: number;
  readonly failed: number;
  readonly unsupported: number;
  readonly failures: readonly {
    readonly id: string;
    readonly expected: unknown;
    readonly actual: unknown;
  }[];
  readonly unsupportedIds: readonly string[];
}

/**
 * Runs a pack of `benefit-case/1` through the publisher and the engine.
 * @param file parsed JSON; a file of another form is an error with the reason
 */
export function runCases(file: unknown): Result<CaseReport, string> {
  const pack = benefitCaseFileSchema.safeParse(file);
  if (!pack.success) return err(`not a benefit-case/1 file: ${z.prettifyError(pack.error)}`);
  const failures: { id: string; expected: unknown; actual: unknown }[] = [];
  const unsupportedIds: string[] = [];
  for (const candidate of pack.data.cases) {
    const parsed = benefitCaseSchema.safeParse(candidate);
    const adapted = parsed.success
      ? adaptCase(parsed.data)
      : err('a field this version does not know');
    if (!parsed.success || !adapted.ok) {
      unsupportedIds.push(candidate.id);
      continue;
    }
    const seen = runCase(parsed.data, adapted.value);
    const wrong = mismatches(parsed.data.expect, seen);
    if (wrong.length > 0)
      failures.push({
        id: candidate.id,
        expected: pick(parsed.data.expect, wrong),
        actual: pick(seen, wrong),
      });
  }
  const unsupported = unsupportedIds.length;
  const passed = pack.data.cases.length - failures.length - unsupported;
  return ok({ passed, failed: failures.length, unsupported, failures, unsupportedIds });
}

type Adapted = Extract<ReturnType<typeof adaptCase>, { ok: true }>['value'];
type Seen = Record<string, unknown>;

function runCase(benefitCase: BenefitCase, { ruleFile, input, order }: Adapted): Seen {
  const published = publishRules(ruleFile);
  if (!published.ok)
    return {
      error: published.error.map((problem) => `${problem.ruleId ?? ''} ${problem.message.en}`),
    };
  const evaluated = evaluate(compileRuleSet(published.value.ruleSet), input);
  if (!evaluated.ok) return { error: evaluated.error };
  const seen = seenOf(evaluated.value, order);
  if (benefitCase.return === undefined) return seen;
  const returned = returnShare(evaluated.value, {}, benefitCase.return.lines);
  return returned.ok
    ? { ...seen, refundMinor: returned.value.refundMinor }
    : { ...seen, error: returned.error };
}

function seenOf(evaluation: Evaluation, order: readonly string[]): Seen {
  const applied = new Set<string>();
  const rejected: Record<string, string> = {};
  for (const outcome of evaluation.outcomes) {
    if (outcome.status === 'applied') applied.add(outcome.ruleId);
    else rejected[outcome.ruleId] = caseReason(outcome);
  }
  return {
    totalMinor: evaluation.payableMinor,
    discountMinor: evaluation.discountMinor,
    lineDiscounts: Object.fromEntries(
      evaluation.lines.map((line) => [line.lineId, line.discountMinor]),
    ),
    applied: order.filter((id) => applied.has(id)),
    rejected,
    pointsEarned: evaluation.points.earned,
    pointsSpent: evaluation.points.spent,
    gifts: evaluation.gifts.map(({ sku, qty }) => ({ sku, qty })),
    tierAfter: evaluation.tierAfter,
  };
}

/** The expected keys that differ; of lines and rejections only the listed ones count. */
function mismatches(expected: CaseExpect, seen: Seen): string[] {
  const wrong = Object.keys(expected).filter((key) => {
    if (key === 'lineTolerance') return false;
    if (key === 'lineDiscounts')
      return linesDiffer(expected, seen[key] as Record<string, number> | undefined);
    if (key === 'rejected') {
      const reasons = (seen[key] ?? {}) as Record<string, string>;
      return Object.entries(expected.rejected ?? {}).some(([id, reason]) => reasons[id] !== reason);
    }
    return JSON.stringify(seen[key]) !== JSON.stringify(expected[key as keyof CaseExpect]);
  });
  return seen['error'] === undefined ? wrong : [...wrong, 'error'];
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

function pick(from: object, keys: readonly string[]): object {
  return Object.fromEntries(Object.entries(from).filter(([key]) => keys.includes(key)));
}
