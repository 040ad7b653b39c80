import { exactInterval, quantilePlaces } from './binomial.ts';
import { countUpTo, type Interval, pointAt, wilsonInterval } from './verification.ts';

/** Distances of comparisons whose truth is known, each ascending. */
export interface KnownDistances {
  /** Of one person. */
  readonly genuine: Float64Array;
  /** Of different people. */
  readonly impostor: Float64Array;
}

/** Comparisons that were confirmed or refuted, as {@link KnownDistances}. */
export function knownDistances(
  comparisons: Iterable<{ readonly distance: number; readonly same: boolean }>,
): KnownDistances {
  const [genuine, impostor]: [number[], number[]] = [[], []];
  for (const { distance, same } of comparisons) (same ? genuine : impostor).push(distance);
  return {
    genuine: Float64Array.from(genuine).sort(),
    impostor: Float64Array.from(impostor).sort(),
  };
}

/**
 * Comparisons of different people that a false-match rate takes at least: with none accepted among n the rate is
 * below 3 / n at 95 % (rule of three: J. Hanley and A. Lippman-Hand, 1983), so fewer cannot show it.
 */
export function comparisonsNeeded(fmr: number): number {
  return Math.ceil(3 / fmr - 1e-9);
}

/** A threshold that a store's own comparisons show. All intervals are at 95 %. */
export interface CalibratedThreshold {
  /** The wanted rate, as a fraction. */
  readonly fmr: number;
  readonly threshold: number;
  /** Between which distances the threshold lies; null on a side that the comparisons do not bound. */
  readonly thresholdCi95: readonly [number | null, number | null];
  /** Share of different people that are accepted at the threshold, with the exact interval. */
  readonly shown: number;
  readonly shownCi95: Interval;
  /** Share of comparisons of one person that are accepted. */
  readonly tmr: number;
  readonly tmrCi95: Interval;
}

/** There are too few comparisons to show the rate. */
export interface TooFew {
  readonly fmr: number;
  readonly needed: number;
  readonly given: number;
}

/** Genuine comparisons below which no share of them is worth telling. */
export const GENUINE_MIN = 30;

/**
 * The largest distance at which at most the wanted share of different people is accepted, with its interval by order
 * statistics: no distribution is assumed, but comparisons that are independent, which those of one face are not quite.
 */
export function thresholdFor(
  fmr: number,
  { genuine, impostor }: KnownDistances,
): CalibratedThreshold | TooFew {
  const needed = comparisonsNeeded(fmr);
  if (impostor.length < needed) return { fmr, needed, given: impostor.length };
  if (genuine.length < GENUINE_MIN) return { fmr, needed: GENUINE_MIN, given: genuine.length };
  const point = pointAt(fmr, genuine, impostor);
  if (point === null) return { fmr, needed, given: impostor.length };
  const [low, high] = quantilePlaces(fmr, impostor.length);
  const accepted = countUpTo(impostor, point.threshold);
  return {
    fmr,
    threshold: point.threshold,
    thresholdCi95: [impostor[low - 1] ?? null, impostor[high - 1] ?? null],
    shown: accepted / impostor.length,
    shownCi95: exactInterval(accepted, impostor.length),
    tmr: point.tmr,
    tmrCi95: point.ci95,
  };
}

/** What a threshold that is in use does to a store's own comparisons. */
export interface ThresholdInUse {
  readonly fmr: number;
  readonly threshold: number;
  readonly shown: number;
  readonly shownCi95: Interval;
  readonly tmr: number;
  readonly tmrCi95: Interval;
  /**
   * `worse`: more strangers are accepted than promised, beyond chance. `kept`: the promise is shown to hold. `open`: the
   * comparisons do not decide it.
   */
  readonly verdict: 'worse' | 'kept' | 'open';
}

/** Holds a shipped threshold against the false-match rate that it promises. */
export function checkThreshold(
  fmr: number,
  threshold: number,
  { genuine, impostor }: KnownDistances,
): ThresholdInUse {
  const accepted = countUpTo(impostor, threshold);
  const shownCi95 = exactInterval(accepted, impostor.length);
  const hits = countUpTo(genuine, threshold);
  return {
    fmr,
    threshold,
    shown: impostor.length === 0 ? 0 : accepted / impostor.length,
    shownCi95,
    tmr: genuine.length === 0 ? 0 : hits / genuine.length,
    tmrCi95: wilsonInterval(hits, genuine.length),
    verdict: shownCi95[0] > fmr ? 'worse' : shownCi95[1] <= fmr ? 'kept' : 'open',
  };
}
