import type { Evaluation } from '../../agent/contract/evaluation.ts';
import type { EvaluationInput } from '../../agent/contract/evaluation-input.ts';
import { assert } from '../../agent/contract/result.ts';
import { type EvaluateOptions, evaluate } from '../../agent/domain/benefits/evaluate.ts';
import { inputOf, memberOf, rulesOf } from '../support/benefits.ts';
import type { Benchmark } from './benchmark.ts';
import { compare } from './measure.ts';

const CATEGORIES = 12;
const LINES = 30;

/** 100 rules: 60 line percentages by tag in six groups, 25 order rules in five groups, 10 codes, 5 ways to earn. */
const priceRules = Array.from({ length: 60 }, (_, n) => ({
  id: `price-${n}`,
  tag: `tag-${n}`,
  group: n % 6,
  category: `c${n % CATEGORIES}`,
  percentBp: 300 + n * 10,
}));
const basketRules = Array.from({ length: 25 }, (_, n) => ({
  id: `basket-${n}`,
  group: n % 5,
  minMinor: 5_000 * (n + 1),
  tier: n % 2 === 0 ? 'gold' : 'silver',
  percentBp: 100 + n * 20,
}));
const couponRules = Array.from({ length: 10 }, (_, n) => ({
  id: `coupon-${n}`,
  code: `CODE-${n}`,
  amountMinor: 500 + n * 100,
}));
const earnRules = Array.from({ length: 5 }, (_, n) => ({
  id: `earn-${n}`,
  tag: `tag-${n * 7}`,
  perMinor: 100 + n * 25,
}));

const compiled = rulesOf([
  ...priceRules.map(({ id, tag, group, category, percentBp }) => ({
    id,
    lane: 'price',
    group: `g${group}`,
    when: `"${tag}" in member.tags`,
    target: { category: [category] },
    effect: { kind: 'percent-off-items', percentBp },
  })),
  ...basketRules.map(({ id, group, minMinor, tier, percentBp }) => ({
    id,
    group: `g${group}`,
    when: `member.tier == "${tier}" && basket.listMinor >= ${minMinor}`,
    effect: { kind: 'percent-off-order', percentBp },
  })),
  ...couponRules.map(({ id, code, amountMinor }) => ({
    id,
    lane: 'coupon',
    when: `"${code}" in codes`,
    effect: { kind: 'fixed-off-order', amountMinor },
  })),
  ...earnRules.map(({ id, tag, perMinor }) => ({
    id,
    lane: 'points-earn',
    group: 'base',
    when: `"${tag}" in member.tags`,
    effect: { kind: 'points-earn', perMinor, points: 1 },
  })),
]);

const input = inputOf(
  Array.from({ length: LINES }, (_, n) => ({
    sku: `sku-${n}`,
    category: `c${n % CATEGORIES}`,
    qty: 1 + (n % 3),
    unitPriceMinor: 990 + n * 137,
  })),
  {
    member: memberOf({ tags: Array.from({ length: 60 }, (_, n) => `tag-${n * 3}`) }),
    codes: ['CODE-2', 'CODE-7'],
  },
);

interface PlainResult {
  readonly lines: readonly number[];
  readonly payableMinor: number;
  readonly points: number;
}

/** The same benefits written out by hand: plain closures and loops for this rule set and nothing else. */
function plainClosures(): (input: EvaluationInput) => PlainResult {
  type Test = (input: EvaluationInput, tags: ReadonlySet<string>, list: number) => boolean;
  const price = priceRules.map((rule) => ({
    ...rule,
    test: ((_input, tags) => tags.has(rule.tag)) satisfies Test as Test,
    off: (amount: number) => Math.floor((amount * rule.percentBp + 5_000) / 10_000),
  }));
  const basket = basketRules.map((rule) => ({
    ...rule,
    test: ((given, _tags, list) =>
      given.member?.tier === rule.tier && list >= rule.minMinor) satisfies Test as Test,
    off: (amount: number) => Math.floor((amount * rule.percentBp + 5_000) / 10_000),
  }));
  return (given) => {
    const tags = new Set(given.member?.tags);
    const running = given.lines.map((line) => line.qty * line.unitPriceMinor);
    const start = [...running];
    const list = start.reduce((sum, amount) => sum + amount, 0);
    const best = Array.from({ length: 6 }, () => new Array<number>(start.length).fill(0));
    for (const rule of price) {
      if (!rule.test(given, tags, list)) continue;
      const wins = best[rule.group] as number[];
      for (let n = 0; n < start.length; n += 1) {
        if (given.lines[n]?.category !== rule.category) continue;
        wins[n] = Math.max(wins[n] ?? 0, rule.off(start[n] ?? 0));
      }
    }
    for (const wins of best)
      for (let n = 0; n < wins.length; n += 1) running[n] = (running[n] ?? 0) - (wins[n] ?? 0);
    const beforeBasket = [...running];
    const subtotal = beforeBasket.reduce((sum, amount) => sum + amount, 0);
    const offs = new Array<number>(5).fill(0);
    for (const rule of basket)
      if (rule.test(given, tags, list))
        offs[rule.group] = Math.max(offs[rule.group] ?? 0, rule.off(subtotal));
    for (const off of offs) spreadPlain(off, beforeBasket, running);
    const beforeCoupons = [...running];
    for (const rule of couponRules)
      if (given.codes.includes(rule.code)) spreadPlain(rule.amountMinor, beforeCoupons, running);
    const payableMinor = running.reduce((sum, amount) => sum + amount, 0);
    let points = 0;
    for (const rule of earnRules)
      if (tags.has(rule.tag)) points = Math.max(points, Math.floor(payableMinor / rule.perMinor));
    return { lines: running, payableMinor, points };
  };
}

function spreadPlain(total: number, weights: readonly number[], running: number[]): void {
  if (total === 0) return;
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  const rests: { n: number; rest: number }[] = [];
  let given = 0;
  for (let n = 0; n < weights.length; n += 1) {
    const product = total * (weights[n] ?? 0);
    const share = Math.floor(product / all);
    running[n] = (running[n] ?? 0) - share;
    given += share;
    rests.push({ n, rest: product - share * all });
  }
  rests.sort((a, b) => b.rest - a.rest || a.n - b.n);
  for (const { n } of rests.slice(0, total - given)) running[n] = (running[n] ?? 0) - 1;
}

function engine(options: EvaluateOptions): () => Evaluation {
  return () => {
    const evaluated = evaluate(compiled, input, options);
    assert(evaluated.ok, 'the basket can be evaluated');
    return evaluated.value;
  };
}

function benchmark(name: string, options: EvaluateOptions): Benchmark {
  return {
    name,
    run: () => {
      const ours = engine(options);
      const plain = plainClosures();
      const [left, right] = [ours(), plain(input)];
      assert(left.payableMinor === right.payableMinor, 'both pay the same');
      assert(
        left.lines.every((line, n) => line.payableMinor === right.lines[n]),
        'each line pays the same',
      );
      assert(left.points.earned === right.points, 'both earn the same points');
      assert(left.discountMinor > 0 && left.points.earned > 0, 'the rules do something');
      return compare({
        name,
        baselineName: 'plain closures without explanation',
        ours: (times) => {
          for (let n = 0; n < times; n += 1) ours();
        },
        baseline: (times) => {
          for (let n = 0; n < times; n += 1) plain(input);
        },
      });
    },
  };
}

export const benchmarks: readonly Benchmark[] = [
  benchmark('benefits-evaluate-100-rules-30-lines', { detail: 'decision' }),
  benchmark('benefits-evaluate-and-explain-100-rules-30-lines', { detail: 'full' }),
];
