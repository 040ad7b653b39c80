import type { EvaluationInput } from '../../agent/contract/evaluation-input.ts';
import {
  type CompiledRuleSet,
  compileRuleSet,
} from '../../agent/domain/benefits/compile-rule-set.ts';
import { evaluate } from '../../agent/domain/benefits/evaluate.ts';
import { BASKETS_PER_SET, drawSet, oracleView, published } from './draw-set.ts';
import type { DrawnRule } from './drawn-rule.ts';
import { type View, viewOfEvaluation } from './view.ts';

export interface Disagreement {
  readonly seed: number;
  readonly rules: readonly DrawnRule[];
  readonly input: EvaluationInput;
  /** Only the parts that differ. */
  readonly engine: View;
  readonly oracle: View;
}

/** {@link firstDisagreement}, made as small as simple cuts can make it. */
export function compareBoth(firstSeed: number, pairs: number): Disagreement | null {
  const found = firstDisagreement(firstSeed, pairs);
  return found === null ? null : smallest(found.seed, found.rules, found.input);
}

/**
 * Tries `pairs` baskets; every rule set is drawn from a seed of its own, so a failure replays alone.
 * @param setOf draws a set, or gives one that was kept
 */
export function firstDisagreement(
  firstSeed: number,
  pairs: number,
  setOf: typeof drawSet = drawSet,
): Disagreement | null {
  for (let set = 0; set * BASKETS_PER_SET < pairs; set += 1) {
    const seed = firstSeed + set;
    const { rules, ruleSet, baskets } = setOf(seed);
    const compiled = compileRuleSet(ruleSet);
    for (const { input, oracle } of baskets) {
      const views = differ(rules, compiled, input, oracle);
      if (views !== null) return { seed, rules, input, ...views };
    }
  }
  return null;
}

function differ(
  rules: readonly DrawnRule[],
  compiled: CompiledRuleSet,
  input: EvaluationInput,
  oracle: View,
): { engine: View; oracle: View } | null {
  const evaluated = evaluate(compiled, input);
  const engine = evaluated.ok
    ? viewOfEvaluation(rules, evaluated.value)
    : { error: evaluated.error };
  const parts = Object.keys(oracle).filter(
    (key) => JSON.stringify(engine[key]) !== JSON.stringify(oracle[key]),
  );
  if (parts.length === 0) return null;
  const only = (view: View): View => Object.fromEntries(parts.map((key) => [key, view[key]]));
  return { engine: evaluated.ok ? only(engine) : engine, oracle: only(oracle) };
}

function differAlone(rules: readonly DrawnRule[], input: EvaluationInput) {
  return differ(rules, compileRuleSet(published(rules)), input, oracleView(rules, input));
}

/** Leaves out rules, lines and optional parts of rules as long as the two still differ. */
function smallest(seed: number, rules: readonly DrawnRule[], input: EvaluationInput): Disagreement {
  let best = { rules, input };
  for (let next: typeof best | undefined = best; next !== undefined; ) {
    best = next;
    next = smaller(best.rules, best.input).find(
      (cut) => differAlone(cut.rules, cut.input) !== null,
    );
  }
  const views = differAlone(best.rules, best.input);
  return { seed, ...best, ...(views ?? { engine: {}, oracle: {} }) };
}

function smaller(
  rules: readonly DrawnRule[],
  input: EvaluationInput,
): { rules: readonly DrawnRule[]; input: EvaluationInput }[] {
  const without = <T>(list: readonly T[], index: number): T[] =>
    list.filter((_, at) => at !== index);
  const fewerRules = rules.map((_, index) => ({ rules: without(rules, index), input }));
  const fewerLines = input.lines.map((_, index) => ({
    rules,
    input: { ...input, lines: without(input.lines, index) },
  }));
  const plainer = rules.flatMap((rule, index) =>
    plainerRules(rule).map((cut) => ({
      rules: rules.map((one, at) => (at === index ? cut : one)),
      input,
    })),
  );
  const singles = input.lines.flatMap((line, index) =>
    line.qty === 1 && line.minUnitPriceMinor === undefined
      ? []
      : [
          { ...line, qty: 1 },
          { ...line, minUnitPriceMinor: undefined },
        ].flatMap((cut) =>
          JSON.stringify(cut) === JSON.stringify(line)
            ? []
            : [
                {
                  rules,
                  input: {
                    ...input,
                    lines: input.lines.map((one, at) => (at === index ? cut : one)),
                  },
                },
              ],
        ),
  );
  const kept = [...fewerRules, ...fewerLines].filter(
    (cut) => cut.rules.length > 0 && cut.input.lines.length > 0,
  );
  return [...kept, ...plainer, ...singles];
}

function plainerRules(rule: DrawnRule): DrawnRule[] {
  const cuts: Partial<DrawnRule>[] = [
    { wish: null },
    { target: {} },
    { caps: {} },
    { budget: undefined },
    { allotment: undefined },
    { coupon: undefined },
    { voucher: undefined },
    { window: undefined },
    { limits: [] },
    { exclusive: [] },
    { group: undefined },
    { base: 'running' },
    { rounding: 'half-up' },
    { priority: 0 },
    { step: 1 },
  ].filter((cut) => {
    const [key] = Object.keys(cut) as (keyof DrawnRule)[];
    return (
      key !== undefined &&
      JSON.stringify(cut[key as keyof typeof cut]) !== JSON.stringify(rule[key])
    );
  }) as Partial<DrawnRule>[];
  return cuts.map((cut) => JSON.parse(JSON.stringify({ ...rule, ...cut })) as DrawnRule);
}
