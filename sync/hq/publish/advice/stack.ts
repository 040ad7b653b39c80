import type { Selector } from '../../../../agent/contract/effects.ts';
import { LANES } from '../../../../agent/contract/evaluation.ts';
import type { Rule } from '../../../../agent/contract/rules.ts';
import { text } from '../../../../agent/contract/text.ts';
import { type Advice, type AdvisedRule, type AdvisedSet, advise } from './advised-set.ts';
import { possible } from './possible.ts';
import { bounds } from './value-set.ts';
import { both, EVERYWHERE } from './worlds.ts';

/** Share of the list price above which benefits that stack are reported, in basis points. */
export const STACK_LIMIT_BP = 8_000;
/** Rules of the largest shares that a stack is built from. */
export const STACK_RULES_MAX = 200;
const WHOLE_BP = 10_000;
const MONEY_LANES = LANES.slice(0, 4);

interface Share {
  readonly one: AdvisedRule;
  readonly shareBp: number;
}

/**
 * Builds, for each category and article that the rules name, a stack of rules that can all hold together: the largest
 * share first, one for each group. Shares of one step add up, a later step takes its share of what is left.
 * @param limitBp share of the list price that benefits may take together
 */
export function adviseStacks({ rules }: AdvisedSet, limitBp = STACK_LIMIT_BP): Advice[] {
  return [...rules.flatMap(givesAway), ...deepestStack(rules, limitBp)];
}

function deepestStack(rules: readonly AdvisedRule[], limitBp: number): Advice[] {
  const shares = rules
    .filter(({ rule, worlds }) => MONEY_LANES.includes(rule.lane) && worlds.worlds.length > 0)
    .map((one) => ({ one, shareBp: shareOf(one) }))
    .filter(({ shareBp }) => shareBp > 0)
    .sort((a, b) => b.shareBp - a.shareBp)
    .slice(0, STACK_RULES_MAX);
  let worst: { stack: readonly Share[]; takenBp: number } = { stack: [], takenBp: 0 };
  for (const goods of goodsOf(shares)) {
    const stack = stackOn(shares, goods);
    const takenBp = takenOf(stack);
    if (takenBp > worst.takenBp) worst = { stack, takenBp };
  }
  const [largest] = worst.stack;
  const sumBp = worst.stack.reduce((sum, { shareBp }) => sum + shareBp, 0);
  if (largest === undefined || worst.stack.length < 2) return [];
  if (worst.takenBp < limitBp && sumBp < WHOLE_BP) return [];
  const ids = worst.stack.map(({ one }) => one.rule.id).join(' + ');
  const [taken, limit] = [Math.round(worst.takenBp / 100), limitBp / 100];
  return [
    advise(
      largest.one,
      'stack-too-deep',
      ['effect'],
      text(
        `可同时成立的优惠叠加减去 ${taken}%（界限 ${limit}%）：${ids}`,
        `benefits that can hold together take ${taken} % off (limit ${limit} %): ${ids}`,
      ),
    ),
  ];
}

/** What one line can be: of a category, a given article, or with an attribute. */
type Goods = Readonly<Partial<Record<(typeof GOODS_KEYS)[number], string>>>;
const GOODS_KEYS = ['category', 'sku', 'attributes'] as const;

function goodsOf(shares: readonly Share[]): Goods[] {
  const named = GOODS_KEYS.flatMap((key) => {
    const values = new Set(
      shares.flatMap(({ one }) => targetsOf(one.rule).flatMap((target) => target[key] ?? [])),
    );
    return [...values].slice(0, STACK_RULES_MAX).map((value) => ({ [key]: value }));
  });
  return [{}, ...named];
}

/** The lines that a rule takes money from: those that one of these chooses. */
function targetsOf({ effect, target }: Rule): readonly Selector[] {
  if (effect.kind === 'buy-x-get-y') return [effect.get.target];
  return effect.kind === 'bundle' ? effect.parts.map((part) => part.target) : [target];
}

function takesFrom(rule: Rule, goods: Goods): boolean {
  return targetsOf(rule).some((target) =>
    GOODS_KEYS.every((part) => target[part]?.includes(goods[part] ?? '') !== false),
  );
}

function stackOn(shares: readonly Share[], goods: Goods): Share[] {
  const stack: Share[] = [];
  const groups = new Set<string>();
  let together = EVERYWHERE;
  for (const share of shares) {
    const { lane, step, group } = share.one.rule;
    if (!takesFrom(share.one.rule, goods)) continue;
    const key = JSON.stringify([lane, step, group]);
    const joined = possible(both(together, share.one.worlds));
    if (groups.has(key) || !joined.exact || joined.worlds.length === 0) continue;
    if (silenced(share, stack)) continue;
    groups.add(key);
    together = joined;
    stack.push(share);
  }
  return stack;
}

function silenced({ one }: Share, stack: readonly Share[]): boolean {
  return stack.some(
    (other) =>
      other.one.rule.exclusive.includes(one.rule.lane) ||
      one.rule.exclusive.includes(other.one.rule.lane),
  );
}

/** Basis points of the list price that a stack takes. */
function takenOf(stack: readonly Share[]): number {
  const steps = Map.groupBy(
    stack,
    ({ one }) => one.rule.step + 100_000 * LANES.indexOf(one.rule.lane),
  );
  let left = 1;
  for (const [, step] of [...steps].sort(([a], [b]) => a - b)) {
    const start = left;
    for (const { one, shareBp } of step)
      left -= (shareBp / WHOLE_BP) * (one.rule.base === 'list' ? 1 : start);
  }
  return (1 - Math.max(0, left)) * WHOLE_BP;
}

/** The largest percentage of its lines that a rule takes; 0 where it takes none. */
function shareOf({ rule: { effect }, worlds }: AdvisedRule): number {
  switch (effect.kind) {
    case 'percent-off-items':
    case 'percent-off-order':
      return effect.percentBp;
    case 'tiered-percent-items':
      return Math.max(effect.basePercentBp, ...effect.steps.map((step) => step.percentBp));
    case 'quantity-groups':
      return effect.percentBp ?? 0;
    case 'buy-x-get-y': {
      const { buy, get } = effect;
      return Math.floor((get.percentBp * get.qty) / (get.qty + buy.qty));
    }
    case 'percent-off-cheapest-unit': {
      const bought = effect.perUnits ?? least(worlds.worlds, UNITS_FACT);
      return Math.floor((effect.percentBp * effect.units) / Math.max(bought, effect.units));
    }
    case 'bundle':
      return effect.percentBp ?? 0;
    case 'every-amount-off':
      return Math.floor((effect.amountMinor * WHOLE_BP) / effect.everyMinor);
    default:
      return 0;
  }
}

/** An amount that is as large as the basket from which on it is given. */
function givesAway(one: AdvisedRule): Advice[] {
  const { effect, caps } = one.rule;
  const basketMinor = least(one.worlds.worlds, AMOUNT_FACT);
  const amounts =
    effect.kind === 'tiered-fixed-order'
      ? effect.steps
      : effect.kind === 'fixed-off-order'
        ? [{ fromMinor: basketMinor, amountMinor: effect.amountMinor }]
        : [];
  const all = amounts.find(
    ({ fromMinor, amountMinor }) =>
      fromMinor > 0 && Math.min(amountMinor, caps.discountMinor ?? amountMinor) >= fromMinor,
  );
  if (all === undefined) return [];
  return [
    advise(
      one,
      'stack-too-deep',
      ['effect'],
      text(
        `满 ${all.fromMinor} 减 ${all.amountMinor}（分）：刚达到门槛的购物篮不用付钱`,
        `from ${all.fromMinor} it takes ${all.amountMinor} minor units off: a basket that just reaches it is free`,
      ),
      text(
        '金额以最小货币单位计；修正门槛或金额',
        'Amounts are minor units: correct the threshold or the amount',
      ),
    ),
  ];
}

const AMOUNT_FACT = /^(basket\.)?(runningMinor|listMinor)/;
const UNITS_FACT = /^(basket\.)?qty/;

/** The smallest basket that the gate asks for, by what such facts count; 0 where it asks for none. */
function least(worlds: AdvisedRule['worlds']['worlds'], named: RegExp): number {
  const inEach = worlds.map((world) =>
    Math.max(
      0,
      ...[...world].map(([fact, values]) =>
        named.test(fact) && values.kind === 'ints' ? (bounds(values)?.[0] ?? 0) : 0,
      ),
    ),
  );
  return inEach.length === 0 ? 0 : Math.min(...inEach);
}
