import { assert } from '../../../contract/result.ts';

export type Rounding = 'half-up' | 'down';

/**
 * `amount * numerator / denominator`, rounded once. Exact for every safe integer: where the product leaves 2^53 the
 * same division is done in BigInt.
 * @param amount minor units, zero or more
 */
export function shareOf(
  amount: number,
  numerator: number,
  denominator: number,
  rounding: Rounding,
): number {
  assert(amount >= 0 && numerator >= 0 && denominator > 0, 'shareOf takes no negative number');
  if (numerator === denominator) return amount;
  const product = amount * numerator;
  if (!Number.isSafeInteger(product)) return shareOfBig(amount, numerator, denominator, rounding);
  const rest = product % denominator;
  const floor = (product - rest) / denominator;
  return rounding === 'half-up' && rest >= denominator - rest ? floor + 1 : floor;
}

function shareOfBig(
  amount: number,
  numerator: number,
  denominator: number,
  rounding: Rounding,
): number {
  const divisor = BigInt(denominator);
  const product = BigInt(amount) * BigInt(numerator);
  const rest = product % divisor;
  const floor = product / divisor;
  const value = Number(rounding === 'half-up' && rest * 2n >= divisor ? floor + 1n : floor);
  assert(Number.isSafeInteger(value), 'a share of an amount stays within 2^53');
  return value;
}

/**
 * The part of a line that `units` of its `qty` units make, times a percentage: one rounding for both.
 * @param percentBp basis points; 10,000 of all units is exactly the amount
 */
export function shareOfUnits(
  amount: number,
  units: number,
  qty: number,
  percentBp: number,
  rounding: Rounding,
): number {
  return units === qty
    ? shareOf(amount, percentBp, 10_000, rounding)
    : shareOf(amount, units * percentBp, qty * 10_000, rounding);
}
