import type { Rule } from '../../../../agent/contract/rules.ts';
import { text } from '../../../../agent/contract/text.ts';
import { askedCode } from '../../../../agent/domain/benefits/asked-code.ts';
import { tierName } from '../../../../agent/domain/benefits/wanted-words.ts';
import { type Advice, type AdvisedRule, type AdvisedSet, advise } from './advised-set.ts';
import { effectWorth } from './effect-worth.ts';
import { tierLadder } from './tier-ladder.ts';
import { holds } from './value-set.ts';

/** Members of a higher tier who would get less than those below, and factors that take points away. */
export function adviseBelowBase({ rules }: AdvisedSet): Advice[] {
  const ladder = tierLadder(rules.map(({ rule }) => rule));
  const rungs = rules.flatMap((one) => {
    const rung = rungOf(one, ladder);
    return rung === null ? [] : [{ one, rung, ...likeness(one) }];
  });
  const byLikeness = Map.groupBy(rungs, ({ key }) => key);
  const lower = [...byLikeness.values()].flatMap((alike) =>
    alike.flatMap(({ one, rung, worth }) => {
      const below = alike.find((other) => other.rung < rung && other.worth > worth);
      return below === undefined ? [] : [lessThan(one, below.one, ladder[rung] ?? '')];
    }),
  );
  return [
    ...lower,
    ...rules.flatMap(smallFactor),
    ...rules.flatMap((one) => dearerPrice(one, ladder)),
  ];
}

function lessThan(one: AdvisedRule, below: AdvisedRule, tier: string): Advice {
  const name = tierName(tier);
  return advise(
    one,
    'below-base',
    ['effect'],
    text(
      `${name['zh-CN']}得到的少于较低等级的规则 ${below.rule.id}`,
      `${name.en} gets less than the tier below it gets from ${below.rule.id}`,
    ),
  );
}

function smallFactor(one: AdvisedRule): Advice[] {
  const { effect } = one.rule;
  if (effect.kind !== 'points-multiplier' || effect.factorBp >= 10_000) return [];
  return [
    advise(
      one,
      'below-base',
      ['effect', 'factorBp'],
      text(
        `倍数 ${effect.factorBp / 10_000} 小于 1：会员得到的积分少于基础积分`,
        `the factor ${effect.factorBp / 10_000} is below 1: the member earns fewer points than without it`,
      ),
      text(
        '10000 = 1 倍，20000 = 双倍；改为不小于 10000',
        '10000 = once, 20000 = double: raise it to 10000 or more',
      ),
    ),
  ];
}

/** A member price that a higher tier would pay more under. */
function dearerPrice(one: AdvisedRule, ladder: readonly string[]): Advice[] {
  const { effect } = one.rule;
  if (effect.kind !== 'member-price') return [];
  const rows = effect.prices.map((price, row) => ({
    ...price,
    row,
    rung: ladder.indexOf(price.tier ?? ''),
  }));
  const bySku = Map.groupBy(rows, ({ sku }) => sku);
  return rows.flatMap((price) => {
    if (price.tier === undefined || price.rung < 0) return [];
    const cheaper = bySku
      .get(price.sku)
      ?.find(
        (other) =>
          (other.tier === undefined || (other.rung >= 0 && other.rung < price.rung)) &&
          other.unitPriceMinor < price.unitPriceMinor,
      );
    if (cheaper === undefined) return [];
    const name = tierName(price.tier);
    return [
      advise(
        one,
        'below-base',
        ['effect', 'prices', price.row],
        text(
          `${price.sku}：${name['zh-CN']}价高于较低等级的价格`,
          `${price.sku}: ${name.en} pays more than a tier below it`,
        ),
      ),
    ];
  });
}

/** The rung of a rule that is for one tier alone. */
function rungOf({ worlds }: AdvisedRule, ladder: readonly string[]): number | null {
  const fits = ladder.filter((tier) =>
    worlds.worlds.some((world) => {
      const tiers = world.get('member.tier');
      return tiers === undefined || holds(tiers, tier);
    }),
  );
  const [only] = fits;
  return fits.length === 1 && only !== undefined ? ladder.indexOf(only) : null;
}

/** Rules with one key differ by their tier and their worth alone. */
function likeness({ rule, worlds }: AdvisedRule): { key: string; worth: number } {
  const effect = effectWorth(rule.effect);
  const gates = worlds.worlds.map((world) =>
    [...world].filter(([fact]) => fact !== 'member.tier').sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  const rest = keyOf(rule);
  return {
    key: JSON.stringify([effect?.shape ?? rule.id, rest, gates]),
    worth: effect?.worth ?? 0,
  };
}

function keyOf(rule: Rule): unknown {
  const { lane, step, target, base } = rule;
  return [lane, step, target, base, askedCode(rule) ?? null];
}
