/** Two rates, lower and upper bound. */
export type Interval = readonly [number, number];

/** What a threshold does at a wanted false-match rate. */
export interface OperatingPoint {
  /** The wanted rate, as a fraction. */
  readonly fmr: number;
  /** The largest distance that is accepted. */
  readonly threshold: number;
  /** Share of comparisons of one person that are accepted. */
  readonly tmr: number;
  /** Wilson's score interval of `tmr` at 95 %. */
  readonly ci95: Interval;
}

/** The 97.5 % quantile of the normal distribution. */
const Z = 1.959964;

/** Wilson's score interval of a share (E. B. Wilson, 1927), at 95 %; the whole range where nothing was tried. */
export function wilsonInterval(hits: number, tries: number): Interval {
  if (tries === 0) return [0, 1];
  const share = hits / tries;
  const z2 = Z * Z;
  const middle = (share + z2 / (2 * tries)) / (1 + z2 / tries);
  const reach =
    (Z * Math.sqrt((share * (1 - share)) / tries + z2 / (4 * tries * tries))) / (1 + z2 / tries);
  return [Math.max(0, middle - reach), Math.min(1, middle + reach)];
}

/** How many of ascending numbers are at most `limit`. */
export function countUpTo(ascending: Float64Array, limit: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] as number) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The point at a wanted false-match rate: the largest threshold that accepts at most that share of strangers.
 * Null where there are too few comparisons of different people to see such a rate at all.
 * @param genuine distances of one person, ascending
 * @param impostor distances of different people, ascending
 */
export function pointAt(
  fmr: number,
  genuine: Float64Array,
  impostor: Float64Array,
): OperatingPoint | null {
  const allowed = Math.floor(fmr * impostor.length);
  if (allowed < 1 || genuine.length === 0) return null;
  // Just below the first stranger too many; equal distances stand or fall together.
  const firstRefused = impostor[allowed];
  if (firstRefused === undefined) return null;
  const below = countBelow(impostor, firstRefused);
  const threshold = below === 0 ? 0 : (impostor[below - 1] as number);
  const hits = below === 0 ? 0 : countUpTo(genuine, threshold);
  return {
    fmr,
    threshold,
    tmr: hits / genuine.length,
    ci95: wilsonInterval(hits, genuine.length),
  };
}

function countBelow(ascending: Float64Array, limit: number): number {
  let count = countUpTo(ascending, limit);
  while (count > 0 && ascending[count - 1] === limit) count--;
  return count;
}

/** The rate at which as many strangers are accepted as people refused; null without both kinds. */
export function equalErrorRate(genuine: Float64Array, impostor: Float64Array): number | null {
  if (genuine.length === 0 || impostor.length === 0) return null;
  let best = { gap: Number.POSITIVE_INFINITY, rate: 1 };
  for (const threshold of genuine) {
    const refused = 1 - countUpTo(genuine, threshold) / genuine.length;
    const accepted = countUpTo(impostor, threshold) / impostor.length;
    const gap = Math.abs(refused - accepted);
    if (gap < best.gap) best = { gap, rate: (refused + accepted) / 2 };
  }
  return best.rate;
}
