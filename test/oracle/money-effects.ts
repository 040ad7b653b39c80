import { type DrawnRule, linesOf, selectorOf } from './drawn-rule.ts';
import { floor, fraction, least, total } from './fraction.ts';
import { takenBy } from './oracle-codes.ts';
import { limited, type Purse, percent, type Taking, unitsAmount, unitsPercent } from './purse.ts';
import { shareOutWithin } from './share-out.ts';
import { bundleLines, cheapestUnits, dealUnits, groupedUnits } from './unit-effects.ts';

const LINE_EFFECTS = [
  'percent-off-items',
  'fixed-off-items',
  'tiered-percent-items',
  'member-price',
];

const ORDER_EFFECTS = [
  'percent-off-order',
  'fixed-off-order',
  'tiered-fixed-order',
  'every-amount-off',
  'voucher-value',
  'points-redeem',
];

/** Effects that take one amount, spread over their lines within the room there is when it is taken. */
export function isOrderEffect({ effect }: DrawnRule): boolean {
  return ORDER_EFFECTS.includes(effect.kind);
}

/** Effects that work line by line, so that a group of them may have a winner for each line. */
export function isLineEffect({ effect }: DrawnRule): boolean {
  return LINE_EFFECTS.includes(effect.kind);
}

/**
 * What one rule takes. Effects on lines and units are rounded once for each line and stop at its room; effects on the
 * order are rounded once on the sum, capped, and spread in proportion to the running amounts, what one line cannot take moving to
 * the others. A cap on a line or unit effect is spread in proportion to what it would have taken from each line.
 */
export function takingOf(rule: DrawnRule, purse: Purse): Taking {
  const target = linesOf(selectorOf(rule), purse.input.lines);
  const { kind } = rule.effect;
  if (kind === 'points-redeem') return redeem(rule, purse, target);
  const cap = rule.caps.discountMinor;
  const order = orderAmount(rule, purse, target);
  if (order !== null) return { lines: spreadOver(limited(order, cap), purse, target), points: 0n };
  const wanted = lineAmounts(rule, purse, target).map((amount, line) =>
    least(amount, purse.room[line] ?? 0n),
  );
  const lines =
    cap === undefined || total(wanted) <= BigInt(cap)
      ? wanted
      : shareOutWithin(BigInt(cap), wanted, wanted);
  return { lines, points: 0n };
}

function spreadOver(amount: bigint, { running, room }: Purse, target: readonly number[]): bigint[] {
  const only = (list: readonly bigint[]): bigint[] =>
    list.map((value, line) => (target.includes(line) ? value : 0n));
  const open = only(room);
  // A line that is down to its floor takes no part.
  const weights = only(running).map((value, line) => ((open[line] ?? 0n) > 0n ? value : 0n));
  return shareOutWithin(least(amount, total(open)), weights, open);
}

function orderAmount(
  rule: DrawnRule,
  { input, base }: Purse,
  target: readonly number[],
): bigint | null {
  const { effect } = rule;
  const sum = total(target.map((line) => base[line] ?? 0n));
  if (effect.kind === 'percent-off-order') return percent(fraction(sum), effect.percentBp, rule);
  if (effect.kind === 'fixed-off-order') return BigInt(effect.amountMinor);
  if (effect.kind === 'voucher-value') return BigInt(takenBy(rule, input)?.faceMinor ?? 0);
  if (effect.kind === 'every-amount-off') {
    const times = limited(sum / BigInt(effect.everyMinor), effect.maxTimes);
    return times * BigInt(effect.amountMinor);
  }
  if (effect.kind !== 'tiered-fixed-order') return null;
  const reached = effect.steps.filter((step) => sum >= BigInt(step.fromMinor)).at(-1);
  return BigInt(reached?.amountMinor ?? effect.baseAmountMinor);
}

function lineAmounts(rule: DrawnRule, purse: Purse, target: readonly number[]): bigint[] {
  const { effect } = rule;
  const { input, base } = purse;
  const perLine = (amount: (line: number) => bigint): bigint[] =>
    input.lines.map((_, line) => (target.includes(line) ? amount(line) : 0n));
  switch (effect.kind) {
    case 'percent-off-items':
      return perLine((line) =>
        unitsPercent(rule, purse, line, effect.maxUnitsPerLine, effect.percentBp),
      );
    case 'fixed-off-items':
      return perLine((line) =>
        unitsAmount(purse, line, effect.maxUnitsPerLine, effect.amountMinor),
      );
    case 'tiered-percent-items': {
      const sum = total(target.map((line) => base[line] ?? 0n));
      const reached = effect.steps.filter((step) => sum >= BigInt(step.fromMinor)).at(-1);
      const bp = reached?.percentBp ?? effect.basePercentBp;
      return perLine((line) => percent(fraction(base[line] ?? 0n), bp, rule));
    }
    case 'member-price':
      return perLine((line) => {
        const { sku, qty } = known(input.lines[line]);
        const fitting = effect.prices
          .filter(
            (row) => row.sku === sku && (row.tier === undefined || row.tier === input.member?.tier),
          )
          .map((row) => BigInt(row.unitPriceMinor) * BigInt(qty));
        if (fitting.length === 0) return 0n;
        const off = (base[line] ?? 0n) - fitting.reduce(least);
        return off > 0n ? off : 0n;
      });
    case 'percent-off-cheapest-unit': {
      const reduced = cheapestUnits(effect, purse, target);
      return perLine((line) =>
        unitsPercent(rule, purse, line, countOf(reduced, line), effect.percentBp),
      );
    }
    case 'quantity-groups': {
      const grouped = groupedUnits(effect, purse, target);
      return perLine((line) =>
        effect.percentBp === undefined
          ? unitsAmount(purse, line, countOf(grouped, line), effect.amountPerUnitMinor ?? 0)
          : unitsPercent(rule, purse, line, countOf(grouped, line), effect.percentBp),
      );
    }
    case 'buy-x-get-y': {
      const reduced = dealUnits(effect, purse, target);
      return perLine((line) =>
        unitsPercent(rule, purse, line, countOf(reduced, line), effect.get.percentBp),
      );
    }
    case 'bundle':
      return bundleLines(rule, effect, purse, target);
    default:
      throw new Error(`the oracle knows no money effect ${effect.kind}`);
  }
}

/** Whole points only: as many as are wanted and allowed, fit the room, and stay within both caps. */
function redeem(rule: DrawnRule, purse: Purse, target: readonly number[]): Taking {
  const { effect, caps } = rule;
  if (effect.kind !== 'points-redeem') throw new Error('not a rule that spends points');
  const worth = BigInt(effect.minorPerPoint);
  const money = limited(total(target.map((line) => purse.room[line] ?? 0n)), caps.discountMinor);
  const points = limited(least(purse.points, floor(fraction(money, worth))), caps.points);
  return { lines: spreadOver(points * worth, purse, target), points };
}

function countOf(lines: readonly number[], wanted: number): number {
  return lines.filter((line) => line === wanted).length;
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a line that is not there');
  return value;
}
