import { spread } from './spread.ts';

/**
 * Spreads whole points over lines in proportion to `weights`, by largest remainder, a tie going to the earlier line; no
 * line has a limit. Weights beyond 2^53 come as BigInt.
 */
export function spreadPoints(
  points: number,
  weights: readonly number[] | readonly bigint[],
): number[] {
  if (isExact(weights)) return spreadExactly(points, weights);
  // One more than all: with rooms that add up to the total, spread would hand out the rooms.
  const rooms = weights.map((weight) => (weight > 0 ? points + 1 : 0));
  return spread(points, weights, rooms);
}

function isExact(weights: readonly number[] | readonly bigint[]): weights is readonly bigint[] {
  return typeof weights[0] === 'bigint';
}

function spreadExactly(points: number, weights: readonly bigint[]): number[] {
  const whole = weights.reduce((sum, weight) => sum + weight, 0n);
  if (whole === 0n) return weights.map(() => 0);
  const products = weights.map((weight) => BigInt(points) * weight);
  const parts = products.map((product) => Number(product / whole));
  const byRest = products
    .map((product, index) => ({ index, rest: product % whole }))
    .sort((a, b) => (a.rest === b.rest ? a.index - b.index : a.rest > b.rest ? -1 : 1));
  const odd = points - parts.reduce((sum, part) => sum + part, 0);
  for (const { index } of byRest.slice(0, odd)) parts[index] = (parts[index] ?? 0) + 1;
  return parts;
}
