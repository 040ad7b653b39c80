import type { Evaluation, RuleOutcome } from '../../agent/contract/evaluation.ts';
import {
  type EvaluationInput,
  evaluationInputSchema,
} from '../../agent/contract/evaluation-input.ts';
import { assert } from '../../agent/contract/result.ts';
import {
  type CompiledRuleSet,
  compileRuleSet,
} from '../../agent/domain/benefits/compile-rule-set.ts';
import { evaluate } from '../../agent/domain/benefits/evaluate.ts';
import { localTime } from '../../agent/domain/benefits/local-time.ts';
import { publishRules } from '../../sync/hq/publish/publish-rules.ts';

type Fields = Record<string, unknown>;

/** A rule file as JSON text; rules need only what the test is about. */
export function ruleFile(rules: readonly Fields[], set: Fields = {}): string {
  const full = rules.map((rule) => ({
    lane: 'basket',
    name: { 'zh-CN': `规则 ${String(rule['id'])}`, en: `Rule ${String(rule['id'])}` },
    ...rule,
  }));
  return JSON.stringify({ ruleSet: 'test', version: 1, currency: 'CNY', ...set, rules: full });
}

/** Publishes and compiles rules on the real path; a problem fails the test with its text. */
export function rulesOf(rules: readonly Fields[], set: Fields = {}): CompiledRuleSet {
  const published = publishRules(ruleFile(rules, set));
  assert(published.ok, JSON.stringify(published));
  return compileRuleSet(published.value.ruleSet);
}

/** An input of the engine; lines are `[sku, qty, unitPriceMinor]` or whole lines, ids L1, L2 ... */
export function inputOf(
  lines: readonly (readonly [string, number, number] | Fields)[],
  rest: Fields = {},
): EvaluationInput {
  return evaluationInputSchema.parse({
    currency: 'CNY',
    lines: lines.map((line, index) => {
      const given = Array.isArray(line)
        ? { sku: line[0], qty: line[1], unitPriceMinor: line[2] }
        : line;
      return { lineId: `L${index + 1}`, sku: 'any', category: 'general', qty: 1, ...given };
    }),
    codes: [],
    pointsToSpend: 0,
    channel: 'store',
    isReturn: false,
    member: null,
    store: { storeId: 'S1', storeTier: 'A' },
    now: at('2026-11-21T10:00:00+08:00'),
    allowances: { points: { reachable: false }, coupons: {}, allotments: {} },
    counters: {},
    budgetsUsedMinor: {},
    ...rest,
  });
}

/** The wall clock in Shanghai. */
export function at(instant: string): EvaluationInput['now'] {
  return localTime(Date.parse(instant), 'Asia/Shanghai');
}

/** Facts of a member; what a test does not name is empty. */
export function memberOf(fields: Fields = {}): Fields {
  return {
    memberId: 'M1',
    tier: 'gold',
    groups: [],
    tags: [],
    completedOrders: 0,
    yearSpendMinor: 0,
    birthdayToday: false,
    birthdayMonth: false,
    ...fields,
  };
}

/** Evaluates on the real path. */
export function run(compiled: CompiledRuleSet, input: EvaluationInput): Evaluation {
  const evaluated = evaluate(compiled, input);
  assert(evaluated.ok, JSON.stringify(evaluated));
  return evaluated.value;
}

/** What became of one rule. */
export function outcome(evaluation: Evaluation, ruleId: string): RuleOutcome {
  const found = evaluation.outcomes.find((candidate) => candidate.ruleId === ruleId);
  assert(found !== undefined, `no outcome for ${ruleId}`);
  return found;
}

/** Discounts by line id. */
export function lineDiscounts(evaluation: Evaluation): Record<string, number> {
  return Object.fromEntries(evaluation.lines.map((line) => [line.lineId, line.discountMinor]));
}
