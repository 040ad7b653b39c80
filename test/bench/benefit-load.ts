import type { EvaluationInput } from '../../agent/contract/evaluation-input.ts';
import { assert } from '../../agent/contract/result.ts';
import type { RuleSet } from '../../agent/contract/rules.ts';
import { createPrng, type Prng } from '../../demo/prng.ts';
import { publishRules } from '../../sync/hq/publish/publish-rules.ts';
import { inputOf, memberOf, ruleFile } from '../support/benefits.ts';

const TAGS = 200;
const MEMBER_TAGS = 60;
const TIERS = ['bronze', 'silver', 'gold', 'diamond'];
const CATEGORIES = 60;
const BASKET_CATEGORIES = 12;
const LINES = 30;
/** Rules that hold for the basket, whatever the size of the set. */
export const MATCHING = 32;

/** A rule in the one form that every engine can be given: four terms that must hold, and an amount off a category. */
export interface LoadRule {
  readonly tag: string;
  readonly tier: string;
  readonly category: string;
  readonly minUnits: number;
  readonly minListMinor: number;
  readonly amountMinor: number;
}

/** 30 lines in 12 of 60 categories, and a member with 60 of 200 tags. */
export const basket: EvaluationInput = inputOf(
  Array.from({ length: LINES }, (_, n) => ({
    sku: `sku-${n}`,
    category: `c${n % BASKET_CATEGORIES}`,
    qty: 1 + (n % 3),
    unitPriceMinor: 1_990 + n * 137,
  })),
  {
    member: memberOf({
      tier: 'gold',
      tags: Array.from({ length: MEMBER_TAGS }, (_, n) => `tag-${n * 3}`),
    }),
  },
);

/** What the engines that know no baskets are told of one. */
export interface Facts {
  readonly tags: readonly string[];
  readonly tier: string;
  readonly listMinor: number;
  readonly units: Readonly<Record<string, number>>;
}

export function factsOf(input: EvaluationInput): Facts {
  let listMinor = 0;
  const units: Record<string, number> = {};
  for (const { category = '', qty, unitPriceMinor } of input.lines) {
    listMinor += qty * unitPriceMinor;
    units[category] = (units[category] ?? 0) + qty;
  }
  return { tags: input.member?.tags ?? [], tier: input.member?.tier ?? '', listMinor, units };
}

/** Whether a rule holds for {@link basket}; written apart from every engine that is measured. */
export function holds(rule: LoadRule, { tags, tier, listMinor, units }: Facts): boolean {
  return (
    tags.includes(rule.tag) &&
    tier === rule.tier &&
    (units[rule.category] ?? 0) >= rule.minUnits &&
    listMinor >= rule.minListMinor
  );
}

/** A set of `count` rules of which exactly {@link MATCHING} hold, spread evenly over it. */
export function loadRules(count: number): LoadRule[] {
  const prng = createPrng(4);
  const facts = factsOf(basket);
  return Array.from({ length: count }, (_, n) => {
    const nth = Math.floor((n * MATCHING) / count);
    const wanted = n === Math.ceil((nth * count) / MATCHING);
    for (;;) {
      const rule = wanted ? matchingRule(prng) : anyRule(prng);
      if (holds(rule, facts) === wanted) return rule;
    }
  });
}

function anyRule(prng: Prng): LoadRule {
  return {
    tag: `tag-${prng.below(TAGS)}`,
    tier: prng.pick(TIERS),
    category: `c${prng.below(CATEGORIES)}`,
    minUnits: prng.between(1, 3),
    minListMinor: prng.between(0, 20) * 10_000,
    amountMinor: prng.between(10, 100),
  };
}

function matchingRule(prng: Prng): LoadRule {
  return {
    ...anyRule(prng),
    tag: `tag-${prng.below(MEMBER_TAGS) * 3}`,
    tier: 'gold',
    category: `c${prng.below(BASKET_CATEGORIES)}`,
  };
}

/** The same rules as headquarters publishes them; every rule is a group of its own, so all that hold apply. */
export function ruleSetOf(rules: readonly LoadRule[]): RuleSet {
  const published = publishRules(
    ruleFile(
      rules.map(({ tag, tier, category, minUnits, minListMinor, amountMinor }, n) => ({
        id: `r${n}`,
        when: `"${tag}" in member.tags && member.tier == "${tier}" && qty("own") >= ${minUnits} && basket.listMinor >= ${minListMinor}`,
        select: { own: { category: [category] } },
        target: 'own',
        effect: { kind: 'fixed-off-order', amountMinor },
      })),
    ),
  );
  assert(published.ok, 'the rules of the load can be published');
  return published.value.ruleSet;
}
