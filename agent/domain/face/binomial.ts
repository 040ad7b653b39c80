import type { Interval } from './verification.ts';

/** What each side of a 95 % interval leaves out. */
const TAIL = 0.025;
const BISECTIONS = 60;
const FRACTION_STEPS = 500;
const FRACTION_END = 1e-14;
const TINY = 1e-300;

/**
 * The exact interval of a share at 95 % (C. Clopper and E. Pearson, 1934): right for counts near none, where a false-match
 * rate lies. Of no hits among n its upper bound is about 3.7 / n, of one side alone the rule of three's 3 / n.
 */
export function exactInterval(hits: number, tries: number): Interval {
  if (tries === 0) return [0, 1];
  const low = hits === 0 ? 0 : rising((p) => 1 - cumulative(hits - 1, tries, p), TAIL);
  const high = hits === tries ? 1 : rising((p) => -cumulative(hits, tries, p), -TAIL);
  return [low, high];
}

/**
 * The places between which the quantile of a sample's source lies at 95 %, whatever its distribution (order statistics:
 * H. David and H. Nagaraja, Order Statistics, 3rd ed., section 7.1). Places count from 1; 0 and `tries + 1` lie outside:
 * the sample does not bound the quantile on that side.
 */
export function quantilePlaces(share: number, tries: number): readonly [number, number] {
  // Place r bounds the quantile from below when it is rare that fewer than r of the sample lie below it.
  let low = 0;
  while (low < tries && cumulative(low, tries, share) <= TAIL) low++;
  let high = low;
  while (high <= tries && (high === 0 || cumulative(high - 1, tries, share) < 1 - TAIL)) high++;
  return [low, high];
}

/** Where a rising function of a share takes a value. */
function rising(of: (share: number) => number, value: number): number {
  let [low, high] = [0, 1];
  for (let step = 0; step < BISECTIONS; step++) {
    const middle = (low + high) / 2;
    if (of(middle) < value) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The chance of at most `hits` among `tries` with the chance `share` each. */
export function cumulative(hits: number, tries: number, share: number): number {
  if (hits < 0) return 0;
  if (hits >= tries) return 1;
  return incompleteBeta(1 - share, tries - hits, hits + 1);
}

/** The regularised incomplete beta function by its continued fraction (NIST DLMF 8.17.22, evaluated by Lentz's method). */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges fast on this side; the other side is its mirror (DLMF 8.17.4).
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(
    logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x),
  );
  let value = 1;
  let above = 1;
  let below = 0;
  for (let step = 1; step <= FRACTION_STEPS; step++) {
    const term = fractionTerm(step, x, a, b);
    below = 1 / away(1 + term * below);
    above = away(1 + term / above);
    const change = above * below;
    value *= change;
    if (Math.abs(change - 1) < FRACTION_END) break;
  }
  return front / (a * value);
}

function fractionTerm(step: number, x: number, a: number, b: number): number {
  const m = step >> 1;
  if (step % 2 === 0) return (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
  return -((a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
}

function away(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}

/** Stirling's series after shifting the argument up (DLMF 5.11.1), good to 1e-12 here. */
function logGamma(x: number): number {
  let [shifted, sum] = [x, 0];
  while (shifted < 10) sum -= Math.log(shifted++);
  const r = 1 / (shifted * shifted);
  const series = (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r / 1680))) / shifted;
  return sum + (shifted - 0.5) * Math.log(shifted) - shifted + 0.5 * Math.log(2 * Math.PI) + series;
}
