/** An exact fraction, reduced, its denominator positive. The oracle computes with nothing else. */
export interface Fraction {
  readonly n: bigint;
  readonly d: bigint;
}

export const ZERO: Fraction = { n: 0n, d: 1n };

/** n / d in lowest terms; `d` is positive. */
export function fraction(n: bigint, d: bigint = 1n): Fraction {
  const common = greatestCommonDivisor(n < 0n ? -n : n, d);
  return { n: n / common, d: d / common };
}

export function times(a: Fraction, b: Fraction): Fraction {
  return fraction(a.n * b.n, a.d * b.d);
}

export function plus(a: Fraction, b: Fraction): Fraction {
  return fraction(a.n * b.d + b.n * a.d, a.d * b.d);
}

/** Negative where a < b, zero where equal. */
export function compare(a: Fraction, b: Fraction): bigint {
  return a.n * b.d - b.n * a.d;
}

/** The largest whole number that is not above a fraction of zero or more. */
export function floor(a: Fraction): bigint {
  return a.n / a.d;
}

/** Half-up or down, of a fraction of zero or more. */
export function rounded(a: Fraction, mode: 'half-up' | 'down'): bigint {
  return mode === 'down' ? floor(a) : floor(plus(a, fraction(1n, 2n)));
}

export function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

export function total(list: readonly bigint[]): bigint {
  return list.reduce((sum, one) => sum + one, 0n);
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  return b === 0n ? (a === 0n ? 1n : a) : greatestCommonDivisor(b, a % b);
}
