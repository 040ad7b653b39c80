import { compare, type Fraction, floor, fraction, times, total } from './fraction.ts';

/**
 * Whole parts of `amount` in proportion to `weights`: everybody gets the floor of an exact part, then one each to the
 * largest remainders, a tie to the earlier (research/benefits.md section 4, "Spread").
 */
export function shareOut(amount: bigint, weights: readonly Fraction[]): bigint[] {
  const sum = weights.reduce((all, weight) => all + weight.n * scale(weights, weight), 0n);
  if (sum === 0n) return weights.map(() => 0n);
  const exact = weights.map((weight) =>
    times(fraction(amount), fraction(weight.n * scale(weights, weight), sum)),
  );
  const parts = exact.map(floor);
  const byRemainder = exact
    .map((part, index) => ({ index, left: fraction(part.n - floor(part) * part.d, part.d) }))
    .sort((a, b) => Number(compare(b.left, a.left)) || a.index - b.index);
  let odd = amount - total(parts);
  for (const { index } of byRemainder) {
    if (odd === 0n) break;
    parts[index] = (parts[index] ?? 0n) + 1n;
    odd -= 1n;
  }
  return parts;
}

/**
 * The same under a limit for each: who would get more than the limit gets exactly the limit, and the rest is shared out
 * again among the others, until nobody does. The limit is held against the whole parts, odd units included: where the
 * exact part is above it by a fraction that rounding takes away, nobody is over.
 */
export function shareOutWithin(
  amount: bigint,
  weights: readonly bigint[],
  limits: readonly bigint[],
): bigint[] {
  const full = new Set<number>();
  for (;;) {
    const rest = amount - total(limits.filter((_, index) => full.has(index)));
    const parts = shareOut(
      rest,
      weights.map((weight, index) => fraction(full.has(index) ? 0n : weight)),
    );
    const over = parts.flatMap((part, index) =>
      !full.has(index) && part > (limits[index] ?? 0n) ? [index] : [],
    );
    if (over.length === 0)
      return parts.map((part, index) => (full.has(index) ? (limits[index] ?? 0n) : part));
    for (const index of over) full.add(index);
  }
}

/** What brings a weight to the common denominator of all. */
function scale(weights: readonly Fraction[], { d }: Fraction): bigint {
  return weights.reduce((product, other) => product * other.d, 1n) / d;
}
