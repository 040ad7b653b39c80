import type { ModelManifest } from '../../../drivers/face/model-manifest.ts';
import {
  type CalibratedThreshold,
  checkThreshold,
  knownDistances,
  type ThresholdInUse,
  type TooFew,
  thresholdFor,
} from '../../domain/face/calibration.ts';
import { type Drift, driftOf } from '../../domain/face/drift.ts';
import {
  fitLikelihood,
  type LikelihoodLine,
  likelihoodCost,
} from '../../domain/face/likelihood.ts';

/** The newest share of accepted comparisons that is held against the others. */
export const RECENT_SHARE = 0.25;

interface DatedComparison {
  readonly distance: number;
  readonly same: boolean;
  readonly at: string;
}

/** What a store's confirmed comparisons say of the thresholds that it uses and could use. */
export interface FaceCalibration {
  readonly model: { readonly id: string; readonly version: string };
  readonly same: number;
  readonly different: number;
  readonly wanted: CalibratedThreshold | TooFew;
  /** The thresholds that came with the model. */
  readonly shipped: readonly ThresholdInUse[];
  /** How distances below the threshold in use moved; `since` is when the recent ones begin. */
  readonly drift: Drift & { readonly since: string | null };
  /** Weight of evidence by the store's own comparisons; null with why where no line can be drawn. */
  readonly likelihood: (LikelihoodLine & { readonly costBits: number }) | null;
  readonly likelihoodRefused?: 'too-few' | 'not-told-apart';
  /** Whether somebody should look: a shipped threshold keeps no promise, or distances have moved. */
  readonly alarm: boolean;
}

/** Calibrates on comparisons in any order. @param fmr the wanted false-match rate, as a fraction */
export function calibrateComparisons(
  comparisons: readonly DatedComparison[],
  fmr: number,
  { id, version, calibration }: ModelManifest,
): FaceCalibration {
  const known = knownDistances(comparisons);
  const { fmr1e2, fmr1e3, fmr1e4 } = calibration.thresholds;
  const shipped = [
    checkThreshold(0.01, fmr1e2, known),
    checkThreshold(0.001, fmr1e3, known),
    checkThreshold(0.0001, fmr1e4, known),
  ];
  const drift = driftOfAccepted(comparisons, fmr1e3);
  const line = fitLikelihood(known);
  return {
    model: { id, version },
    same: known.genuine.length,
    different: known.impostor.length,
    wanted: thresholdFor(fmr, known),
    shipped,
    drift,
    likelihood: line.ok ? { ...line.value, costBits: likelihoodCost(known, line.value) } : null,
    ...(line.ok ? {} : { likelihoodRefused: line.error.code }),
    alarm:
      shipped.some(({ verdict }) => verdict === 'worse') ||
      drift.verdict === 'farther' ||
      drift.verdict === 'nearer',
  };
}

/**
 * Only accepted comparisons are sure to be noted at a till, so only these are held against each other.
 * @param threshold distance up to which a comparison is accepted
 */
export function driftOfAccepted(
  comparisons: readonly DatedComparison[],
  threshold: number,
): FaceCalibration['drift'] {
  const accepted = comparisons
    .filter(({ same, distance }) => same && distance <= threshold)
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const first = accepted.length - Math.floor(RECENT_SHARE * accepted.length);
  const distances = accepted.map(({ distance }) => distance);
  return {
    ...driftOf(distances.slice(0, first), distances.slice(first)),
    since: accepted[first]?.at ?? null,
  };
}
