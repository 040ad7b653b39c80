import { type DrawnRule, linesOf } from './drawn-rule.ts';
import { compare, type Fraction, fraction, least, total } from './fraction.ts';
import { type Purse, percent, worthOfUnits } from './purse.ts';
import { shareOutWithin } from './share-out.ts';

type Effect<K extends DrawnRule['effect']['kind']> = Extract<DrawnRule['effect'], { kind: K }>;

interface Unit {
  readonly id: string;
  readonly line: number;
  readonly worth: Fraction;
}

/** Every unit of some lines by its part of the base, a tie in line order. */
function unitsOf(
  { input, base }: Purse,
  lines: readonly number[],
  pick: 'cheapest' | 'most-expensive',
): Unit[] {
  const units = lines.flatMap((line) => {
    const qty = input.lines[line]?.qty ?? 1;
    const worth = fraction(base[line] ?? 0n, BigInt(qty));
    return Array.from({ length: qty }, (_, unit) => ({ id: `${line}/${unit}`, line, worth }));
  });
  const sign = pick === 'cheapest' ? 1 : -1;
  return units.sort((a, b) => sign * Number(compare(a.worth, b.worth)) || a.line - b.line);
}

/**
 * Lines of the cheapest units that are reduced. What can give nothing is passed over: a free sample must not eat the
 * member's discount. `perUnits` counts the units that cost something.
 */
export function cheapestUnits(
  effect: Effect<'percent-off-cheapest-unit'>,
  purse: Purse,
  target: readonly number[],
): number[] {
  const { lines } = purse.input;
  const bought = target
    .filter((line) => (purse.base[line] ?? 0n) > 0n)
    .reduce((sum, line) => sum + (lines[line]?.qty ?? 0), 0);
  const times = effect.perUnits === undefined ? 1 : Math.floor(bought / effect.perUnits);
  return unitsOf(purse, target, 'cheapest')
    .filter(({ line }) => (purse.room[line] ?? 0n) > 0n)
    .slice(0, effect.units * times)
    .map(({ line }) => line);
}

/** Lines of the units that stand in whole groups, taken in line order. */
export function groupedUnits(
  effect: Effect<'quantity-groups'>,
  { input }: Purse,
  target: readonly number[],
): number[] {
  const units = target.flatMap((line) =>
    Array.from({ length: input.lines[line]?.qty ?? 0 }, () => line),
  );
  return units.slice(0, units.length - (units.length % effect.groupSize));
}

/**
 * Lines of the units that a deal reduces. Each application sets the dearest free units of the bought kind aside, then
 * reduces free units of the other kind; an application that lacks one unit does not happen.
 */
export function dealUnits(
  effect: Effect<'buy-x-get-y'>,
  purse: Purse,
  target: readonly number[],
): number[] {
  const { lines } = purse.input;
  const within = (selector: typeof effect.buy.target): number[] =>
    linesOf(selector, lines).filter((line) => target.includes(line));
  let buyable = unitsOf(purse, within(effect.buy.target), 'most-expensive');
  let gettable = unitsOf(purse, within(effect.get.target), effect.get.pick);
  const reduced: number[] = [];
  for (let application = 0; application < effect.maxApplications; application += 1) {
    const bought = buyable.slice(0, effect.buy.qty);
    const free = gettable.filter((unit) => !bought.some((one) => one.id === unit.id));
    const got = free.slice(0, effect.get.qty);
    if (bought.length < effect.buy.qty || got.length < effect.get.qty) break;
    const gone = new Set([...bought, ...got].map((unit) => unit.id));
    buyable = buyable.filter((unit) => !gone.has(unit.id));
    gettable = gettable.filter((unit) => !gone.has(unit.id));
    reduced.push(...got.map((unit) => unit.line));
  }
  return reduced;
}

/**
 * What a bundle takes from each line (decision 0015). Set after set, part after part takes the dearest units that are
 * still free; the last set is the last one that is whole and saves something. What the sets save, a percentage rounded
 * once, is shared out by what their units cost; a line gives no more than its units in sets cost, nor than its room.
 */
export function bundleLines(
  rule: DrawnRule,
  effect: Effect<'bundle'>,
  purse: Purse,
  target: readonly number[],
): bigint[] {
  const { lines } = purse.input;
  const taken = lines.map(() => 0);
  const costs = lines.map(() => 0n);
  let saved = 0n;
  for (let sets = 0; sets < effect.maxApplications; sets += 1) {
    const set = effect.parts.flatMap(({ target: part, qty }) => {
      const own = linesOf(part, lines).filter((line) => target.includes(line));
      const free = unitsOf(purse, own, 'most-expensive').filter(
        ({ id, line }) => Number(id.split('/')[1]) >= (taken[line] ?? 0),
      );
      return free.slice(0, qty).map(({ line }) => {
        const cost = worthOfUnits(purse, line)[taken[line] ?? 0] ?? 0n;
        taken[line] = (taken[line] ?? 0) + 1;
        return { line, cost };
      });
    });
    if (set.length < effect.parts.reduce((units, { qty }) => units + qty, 0)) break;
    const worth = total(set.map(({ cost }) => cost));
    const saves =
      effect.priceMinor === undefined
        ? least(worth, BigInt(effect.amountMinor ?? worth))
        : worth - BigInt(effect.priceMinor);
    if (saves <= 0n) break;
    saved += saves;
    for (const { line, cost } of set) costs[line] = (costs[line] ?? 0n) + cost;
  }
  const due =
    effect.percentBp === undefined
      ? saved
      : percent(fraction(total(costs)), effect.percentBp, rule);
  const limits = costs.map((cost, line) => least(cost, purse.room[line] ?? 0n));
  const weights = costs.map((cost, line) => ((limits[line] ?? 0n) > 0n ? cost : 0n));
  return shareOutWithin(least(due, total(limits)), weights, limits);
}
