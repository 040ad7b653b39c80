import type { EvaluationInput } from '../../agent/contract/evaluation-input.ts';
import type { DrawnRule } from './drawn-rule.ts';
import { type Fraction, fraction, least, rounded, times, total } from './fraction.ts';
import { shareOut } from './share-out.ts';

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

export function percent(amount: Fraction, bp: number, { rounding }: DrawnRule): bigint {
  return rounded(times(amount, fraction(BigInt(bp), WHOLE)), rounding);
}

/** A percentage of some units of a line, rounded once. */
export function unitsPercent(
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
 * What each unit of a line is worth: they differ by one minor unit at most, the dearer ones first (decision 0003,
 * "units of a line").
 */
export function worthOfUnits({ input, base }: Purse, line: number): bigint[] {
  const qty = input.lines[line]?.qty ?? 1;
  return shareOut(
    base[line] ?? 0n,
    Array.from({ length: qty }, () => fraction(1n)),
  );
}

/** An amount off some units of a line, never more than each of them is worth. */
export function unitsAmount(
  purse: Purse,
  line: number,
  most: number | undefined,
  amountMinor: number,
): bigint {
  const units = worthOfUnits(purse, line);
  return total(
    units.slice(0, most ?? units.length).map((worth) => least(BigInt(amountMinor), worth)),
  );
}

export function limited(amount: bigint, cap: number | undefined): bigint {
  return cap === undefined ? amount : least(amount, BigInt(cap));
}
