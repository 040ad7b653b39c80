/** Distances on each side without which no drift is told. */
export const DRIFT_MIN = 30;
/** A shift is told when chance alone would show it in fewer than so many of all looks... */
export const DRIFT_CHANCE = 0.01;
/** ...and when a recent distance is the larger one in at least this share of all pairs: less is no matter. */
export const DRIFT_SHARE = 0.6;

/** How recent distances of one person lie against those by which thresholds were chosen. */
export interface Drift {
  readonly before: number;
  readonly recent: number;
  /** Share of pairs (one from before, one recent) in which the recent distance is the larger; 0.5 = no shift. */
  readonly largerShare: number;
  /** Chance of such a shift, or a larger one in either direction, where there is none. */
  readonly chance: number;
  /** `farther`: faces match worse than they did; `nearer`: better, which is worth a look as well. */
  readonly verdict: 'too-few' | 'steady' | 'farther' | 'nearer';
}

/**
 * The rank-sum test (F. Wilcoxon, 1945; H. Mann and D. Whitney, 1947), normal with the correction for ties. It asks for no
 * distribution and sees a shift of the whole; it does not see a wider spread around the same middle. Asked daily it tells
 * a false shift every 100 days.
 * @param before distances of the calibration, in any order
 * @param recent accepted distances since, in any order
 */
export function driftOf(before: readonly number[], recent: readonly number[]): Drift {
  const counts = { before: before.length, recent: recent.length };
  if (Math.min(before.length, recent.length) < DRIFT_MIN)
    return { ...counts, largerShare: 0.5, chance: 1, verdict: 'too-few' };
  const { rankSum, ties } = rankSumOf(before, recent);
  const [n, m] = [recent.length, before.length];
  const all = n + m;
  const larger = rankSum - (n * (n + 1)) / 2;
  const largerShare = larger / (n * m);
  const variance = ((n * m) / 12) * (all + 1 - ties / (all * (all - 1)));
  const chance =
    variance === 0
      ? 1
      : 2 * upperTail(Math.max(0, Math.abs(larger - (n * m) / 2) - 0.5) / Math.sqrt(variance));
  return { ...counts, largerShare, chance, verdict: verdictOf(largerShare, chance) };
}

function verdictOf(largerShare: number, chance: number): Drift['verdict'] {
  if (chance >= DRIFT_CHANCE || Math.abs(largerShare - 0.5) < DRIFT_SHARE - 0.5) return 'steady';
  return largerShare > 0.5 ? 'farther' : 'nearer';
}

/** The sum of the recent ones' ranks, equal distances sharing theirs, and the sum of t³ - t over groups of t equal ones. */
function rankSumOf(before: readonly number[], recent: readonly number[]) {
  const sorted = [
    ...before.map((distance) => ({ distance, isRecent: false })),
    ...recent.map((distance) => ({ distance, isRecent: true })),
  ].sort((a, b) => a.distance - b.distance);
  let rankSum = 0;
  let ties = 0;
  for (let first = 0; first < sorted.length; ) {
    let end = first;
    while (end < sorted.length && sorted[end]?.distance === sorted[first]?.distance) end++;
    const count = end - first;
    const recentOnes = sorted.slice(first, end).filter(({ isRecent }) => isRecent).length;
    rankSum += (recentOnes * (first + 1 + end)) / 2;
    ties += count ** 3 - count;
    first = end;
  }
  return { rankSum, ties };
}

/** The normal distribution beyond z (M. Abramowitz and I. Stegun, 26.2.17, good to 1e-7). */
function upperTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const polynomial =
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * polynomial;
}
