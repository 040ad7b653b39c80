import { possible } from '../../../sync/hq/publish/advice/possible.ts';
import { ruleWorlds } from '../../../sync/hq/publish/advice/rule-worlds.ts';
import { tierLadder } from '../../../sync/hq/publish/advice/tier-ladder.ts';
import { FALSE, ints, TRUE, textIn } from '../../../sync/hq/publish/advice/value-set.ts';
import { both, where } from '../../../sync/hq/publish/advice/worlds.ts';
import type { Condition } from '../../contract/condition.ts';
import type { Rule, RuleSet } from '../../contract/rules.ts';
import { childrenOf } from '../../domain/benefits/condition/conjuncts.ts';

/** Benefits of one member tier; `tier` null = shoppers who are no members. */
export interface TierSection {
  readonly tier: string | null;
  readonly rules: readonly Rule[];
}

/**
 * Every rule that is not over, under each tier whose members it can hold for: by reasoning over its whole gate, not by
 * looking for the tier's name.
 * @param date first business day of the handbook, yyyymmdd
 * @param tiers the chain's tiers, lowest first; absent = those that the rules name
 */
export function handbookSections(
  { rules }: Pick<RuleSet, 'rules'>,
  date: number,
  tiers: readonly string[] = tiersOf(rules),
): TierSection[] {
  const ahead = where({ 'now.date': ints([date, 9999_12_31]) });
  const live = rules
    .map((rule) => ({ rule, worlds: possible(both(ruleWorlds(rule), ahead)) }))
    .filter(({ worlds }) => worlds.worlds.length > 0);
  return [null, ...tiers].map((tier) => {
    const shopper = where({
      'member.known': tier === null ? FALSE : TRUE,
      'member.tier': textIn([tier ?? '']),
    });
    const fits = live.filter(
      ({ rule, worlds }) =>
        pricesFor(rule, tier) && possible(both(worlds, shopper)).worlds.length > 0,
    );
    return { tier, rules: fits.map(({ rule }) => rule) };
  });
}

/** A list of member prices holds nothing for a tier that no row is for. */
function pricesFor({ effect }: Rule, tier: string | null): boolean {
  if (effect.kind !== 'member-price') return true;
  return effect.prices.some((price) => price.tier === undefined || price.tier === tier);
}

function tiersOf(rules: readonly Rule[]): string[] {
  const named = new Set<string>();
  for (const { condition, effect } of rules) {
    if (condition !== null) collect(condition, named);
    if (effect.kind === 'member-price')
      for (const { tier } of effect.prices) if (tier !== undefined) named.add(tier);
    if (effect.kind === 'spend-tier') for (const { tier } of effect.steps) named.add(tier);
    if (effect.kind === 'month-ladder') named.add(effect.tier);
  }
  const ladder = tierLadder(rules);
  const known = ladder.filter((tier) => named.has(tier));
  return [...known, ...[...named].filter((tier) => tier !== '' && !ladder.includes(tier)).sort()];
}

function collect(node: Condition, named: Set<string>): void {
  const children = childrenOf(node);
  if (children.some((child) => child.op === 'var' && child.name === 'member.tier')) {
    for (const child of children.flatMap((one) => (one.op === 'list' ? one.items : [one])))
      if (child.op === 'string') named.add(child.value);
  }
  for (const child of children) collect(child, named);
}
