import { z } from 'zod';
import { publishRules } from '../../../sync/hq/publish/publish-rules.ts';
import { err, ok, type Result } from '../../contract/result.ts';
import { compileRuleSet } from '../../domain/benefits/compile-rule-set.ts';
import { evaluate } from '../../domain/benefits/evaluate.ts';
import { sceneOf } from '../../domain/calendar/scene-of.ts';
import { adaptCase } from './benefit-case-adapter.ts';
import { afterSale } from './benefit-case-after.ts';
import { withCodes } from './benefit-case-codes.ts';
import { mismatches, type Seen, seenOf } from './benefit-case-compare.ts';
import {
  type BenefitCase,
  benefitCaseFileSchema,
  benefitCaseSchema,
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
    const parsed = benefitCaseSchema.safeParse({ ...pack.data.defaults, ...candidate });
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

function runCase(benefitCase: BenefitCase, { ruleFile, input: bare, order }: Adapted): Seen {
  const published = publishRules(ruleFile);
  if (!published.ok)
    return {
      error: published.error.map((problem) => `${problem.ruleId ?? ''} ${problem.message.en}`),
    };
  const { ruleSet } = published.value;
  const scene = sceneOf(ruleSet.calendar, bare.now);
  const input = withCodes({ ...bare, scene }, ruleSet, benefitCase);
  const compiled = compileRuleSet(ruleSet);
  const evaluated = evaluate(compiled, input);
  if (!evaluated.ok) return { error: evaluated.error };
  const evaluation = evaluated.value;
  const seen = seenOf(evaluation, input, order);
  return { ...seen, ...afterSale(benefitCase, { compiled, input, evaluation }) };
}

function pick(from: object, keys: readonly string[]): object {
  return Object.fromEntries(Object.entries(from).filter(([key]) => keys.includes(key)));
}
