import type { EvaluationInput } from '../../agent/contract/evaluation-input.ts';
import { type DrawnRule, linesOf, selectorOf } from './drawn-rule.ts';
import {
  compare,
  type Fraction,
  floor,
  fraction,
  least,
  rounded,
  times,
  total,
} from './fraction.ts';
import { shareOut, shareOutWithin } from './share-out.ts';

/** What a rule would take: minor units by line, and the points that pay for it. */
export interface Taking {
  readonly lines: readonly bigint[];
  readonly points: bigint;
}

/** The money that an effect works on. */
export interface Purse {
  readonly input: EvaluationInput;
  /** What the effect computes from: list price, or what was left when the step began. */
  readonly base: readonly bigint[];
  /** What was left when the step began: amounts off the order are spread in proportion to it. */
  readonly running: readonly bigint[];
  /** What each line can still give, down to its floor. */
  readonly room: readonly bigint[];
  /** Points that the member still wants to spend and may. */
  readonly points: bigint;
}

const WHOLE = 10_000n;
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

function orderAmount(rule: DrawnRule, { base }: Purse, target: readonly number[]): bigint | null {
  const { effect } = rule;
  const sum = total(target.map((line) => base[line] ?? 0n));
  if (effect.kind === 'percent-off-order') return percent(fraction(sum), effect.percentBp, rule);
  if (effect.kind === 'fixed-off-order') return BigInt(effect.amountMinor);
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
      // What can give nothing is passed over: a free sample must not eat the member's discount.
      const cheapest = unitsOf(purse, target, 'cheapest').find(
        ({ line }) => (purse.room[line] ?? 0n) > 0n,
      );
      return perLine((line) =>
        line === cheapest?.line ? unitsPercent(rule, purse, line, 1, effect.percentBp) : 0n,
      );
    }
    case 'quantity-groups': {
      const units = target.flatMap((line) => repeat(line, input.lines[line]?.qty ?? 0));
      const whole = units.slice(0, units.length - (units.length % effect.groupSize));
      return perLine((line) => {
        const count = whole.filter((unit) => unit === line).length;
        if (count === 0) return 0n;
        return effect.percentBp === undefined
          ? unitsAmount(purse, line, count, effect.amountPerUnitMinor ?? 0)
          : unitsPercent(rule, purse, line, count, effect.percentBp);
      });
    }
    case 'buy-x-get-y': {
      const reduced = dealUnits(effect, purse, target);
      return perLine((line) => {
        const count = reduced.filter((unit) => unit === line).length;
        return count === 0 ? 0n : unitsPercent(rule, purse, line, count, effect.get.percentBp);
      });
    }
    default:
      throw new Error(`the oracle knows no money effect ${effect.kind}`);
  }
}

/**
 * Lines of the units that a deal reduces. Each application sets the dearest free units of the bought kind aside, then
 * reduces free units of the other kind; an application that lacks one unit does not happen.
 */
function dealUnits(
  effect: Extract<DrawnRule['effect'], { kind: 'buy-x-get-y' }>,
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

/** A percentage of some units of a line, rounded once. */
function unitsPercent(
  rule: DrawnRule,
  { input, base }: Purse,
  line: number,
  most: number | undefined,
  percentBp: number,
): bigint {
  const qty = input.lines[line]?.qty ?? 1;
  const units = Math.min(most ?? qty, qty);
  return percent(
    times(fraction(base[line] ?? 0n), fraction(BigInt(units), BigInt(qty))),
    percentBp,
    rule,
  );
}

/**
 * An amount off some units of a line, never more than each of them is worth; the units of a line differ by one minor
 * unit at most, the dearer ones first (decision 0003, "units of a line").
 */
function unitsAmount(
  { input, base }: Purse,
  line: number,
  most: number | undefined,
  amountMinor: number,
): bigint {
  const qty = input.lines[line]?.qty ?? 1;
  const equal = Array.from({ length: qty }, () => fraction(1n));
  const units = shareOut(base[line] ?? 0n, equal).slice(0, most ?? qty);
  return total(units.map((worth) => least(BigInt(amountMinor), worth)));
}

function percent(amount: Fraction, bp: number, { rounding }: DrawnRule): bigint {
  return rounded(times(amount, fraction(BigInt(bp), WHOLE)), rounding);
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

function limited(amount: bigint, cap: number | undefined): bigint {
  return cap === undefined ? amount : least(amount, BigInt(cap));
}

function repeat(line: number, qty: number): number[] {
  return Array.from({ length: qty }, () => line);
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a line that is not there');
  return value;
}
