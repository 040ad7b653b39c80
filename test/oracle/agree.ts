import type { EvaluationInput } from '../../agent/contract/evaluation-input.ts';
import { text } from '../../agent/contract/text.ts';
import {
  type CompiledRuleSet,
  compileRuleSet,
} from '../../agent/domain/benefits/compile-rule-set.ts';
import { evaluate } from '../../agent/domain/benefits/evaluate.ts';
import { createPrng } from '../../demo/prng.ts';
import { publishRules } from '../../sync/hq/publish/publish-rules.ts';
import { drawInput } from './draw-input.ts';
import { drawRules } from './draw-rules.ts';
import { type DrawnRule, SET_PENDING_DAYS } from './drawn-rule.ts';
import { decide } from './oracle.ts';
import { CAMPAIGNS } from './pool.ts';
import { type View, viewOfEvaluation, viewOfVerdict } from './view.ts';
import { print } from './wish.ts';

/** Baskets tried against one rule set: publishing a set costs as much as many evaluations. */
export const BASKETS_PER_SET = 20;

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

/** Tries `pairs` baskets; every rule set is drawn from a seed of its own, so a failure replays alone. */
export function firstDisagreement(firstSeed: number, pairs: number): Disagreement | null {
  for (let set = 0; set * BASKETS_PER_SET < pairs; set += 1) {
    const seed = firstSeed + set;
    const prng = createPrng(seed);
    const rules = drawRules(prng);
    const compiled = compiledOf(rules);
    for (let basket = 0; basket < BASKETS_PER_SET; basket += 1) {
      const input = drawInput(prng, rules);
      const views = differ(rules, compiled, input);
      if (views !== null) return { seed, rules, input, ...views };
    }
  }
  return null;
}

/** Nothing is signed here: what became of a voucher is drawn, so the key is only one in form. */
const PARTNERS = [...new Set(CAMPAIGNS.map(({ partner }) => partner))].map((id) => ({
  id,
  name: text(id, id),
  keys: [{ keyId: 'k1', publicKey: `MCowBQYDK2VwAyEA${'A'.repeat(43)}=` }],
}));

/** The rule file as an author would write it. */
export function compiledOf(rules: readonly DrawnRule[]): CompiledRuleSet {
  const written = rules.map(({ wish, ...rule }) => ({
    ...rule,
    when: wish === null ? '' : print(wish),
  }));
  const file = {
    ruleSet: 'oracle',
    version: 1,
    currency: 'CNY',
    points: { pendingDays: SET_PENDING_DAYS },
    partners: PARTNERS,
    rules: written,
  };
  const published = publishRules(JSON.stringify(file));
  if (!published.ok)
    throw new Error(`a drawn set cannot be published: ${JSON.stringify(published.error)}`);
  return compileRuleSet(published.value.ruleSet);
}

function differ(
  rules: readonly DrawnRule[],
  compiled: CompiledRuleSet,
  input: EvaluationInput,
): { engine: View; oracle: View } | null {
  const evaluated = evaluate(compiled, input);
  const engine = evaluated.ok
    ? viewOfEvaluation(rules, evaluated.value)
    : { error: evaluated.error };
  const oracle = viewOfVerdict(rules, decide(rules, input));
  const parts = Object.keys(oracle).filter(
    (key) => JSON.stringify(engine[key]) !== JSON.stringify(oracle[key]),
  );
  if (parts.length === 0) return null;
  const only = (view: View): View => Object.fromEntries(parts.map((key) => [key, view[key]]));
  return { engine: evaluated.ok ? only(engine) : engine, oracle: only(oracle) };
}

/** Leaves out rules, lines and optional parts of rules as long as the two still differ. */
function smallest(seed: number, rules: readonly DrawnRule[], input: EvaluationInput): Disagreement {
  let best = { rules, input };
  for (let next: typeof best | undefined = best; next !== undefined; ) {
    best = next;
    next = smaller(best.rules, best.input).find(
      (cut) => differ(cut.rules, compiledOf(cut.rules), cut.input) !== null,
    );
  }
  const views = differ(best.rules, compiledOf(best.rules), best.input);
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
