import { err, ok, type Result } from '../../contract/index.ts';
import type { KnownDistances } from './calibration.ts';

/**
 * From a distance to the weight of evidence: the natural logarithm of how many times likelier the distance is for one
 * person than for two. A straight line that falls with the distance, held between two bounds.
 */
export interface LikelihoodLine {
  /** At distance none, in nats. */
  readonly offset: number;
  /** Nats lost for each unit of distance; above none. */
  readonly slope: number;
  /** Nothing says more than this, in nats. */
  readonly min: number;
  readonly max: number;
}

/** Comparisons of each kind without which no line is drawn. */
export const LIKELIHOOD_MIN = 30;

const STEPS_MAX = 100;
const STEP_END = 1e-10;

/**
 * Draws the line by logistic regression with both kinds weighted alike, so that its log-odds are the log-likelihood
 * ratio (N. Brümmer and J. du Preez, 2006; J. Platt, 1999, whose targets keep it finite where the kinds do not
 * overlap). A ratio beyond what n independent comparisons can show is cut off: by the rule of three a kind that never
 * came in n is only known to be rarer than 3 / n.
 * @param independent comparisons of each kind that count as independent; those of one person hang together
 */
export function fitLikelihood(
  { genuine, impostor }: KnownDistances,
  independent = { genuine: genuine.length, impostor: impostor.length },
): Result<LikelihoodLine, { readonly code: 'too-few' | 'not-told-apart' }> {
  if (Math.min(genuine.length, impostor.length) < LIKELIHOOD_MIN) return err({ code: 'too-few' });
  const spread = mean(impostor) - mean(genuine);
  if (!(spread > 0)) return err({ code: 'not-told-apart' });
  const middle = mean(genuine) + spread / 2;
  const kinds: readonly Kind[] = [kindOf(genuine, true), kindOf(impostor, false)];
  // Of the scaled distance (d - middle) / spread: constant and falling part.
  let [constant, fall] = [0, 1];
  let loss = lossOf(kinds, middle, spread, constant, fall);
  for (let step = 0; step < STEPS_MAX; step++) {
    const [byConstant, byFall] = newtonStep(kinds, middle, spread, constant, fall);
    let size = 1;
    let next = loss;
    while (size > STEP_END) {
      next = lossOf(kinds, middle, spread, constant - size * byConstant, fall - size * byFall);
      if (next <= loss) break;
      size /= 2;
    }
    // Distances that are all alike leave no step that is a number.
    if (!(next <= loss)) break;
    constant -= size * byConstant;
    fall -= size * byFall;
    const gain = loss - next;
    loss = next;
    if (gain < STEP_END) break;
  }
  const slope = fall / spread;
  if (!(slope > 0)) return err({ code: 'not-told-apart' });
  return ok({
    offset: constant + slope * middle,
    slope,
    min: -Math.log(Math.max(1, independent.genuine / 3)),
    max: Math.log(Math.max(1, independent.impostor / 3)),
  });
}

/** The weight of a distance in thousandths of a nat, as `evidence.scoreMilliNats`. */
export function scoreMilliNats(distance: number, line: LikelihoodLine): number {
  const nats = line.offset - line.slope * distance;
  // A distance that is no number is no evidence for anybody.
  const bounded = Number.isNaN(nats) ? line.min : Math.min(line.max, Math.max(line.min, nats));
  return Math.round(1_000 * bounded);
}

/**
 * What the scores cost whoever goes by them, in bits (Cllr of Brümmer and du Preez): 0 for perfect ones, 1 for scores
 * that say nothing, above 1 for scores that mislead.
 */
export function likelihoodCost(
  { genuine, impostor }: KnownDistances,
  line: LikelihoodLine,
): number {
  const bits = (distances: Float64Array, sign: number) =>
    distances.reduce(
      (sum, one) => sum + Math.log2(1 + Math.exp((sign * scoreMilliNats(one, line)) / 1_000)),
      0,
    ) / distances.length;
  return (bits(genuine, -1) + bits(impostor, 1)) / 2;
}

interface Kind {
  readonly distances: Float64Array;
  /** Share of "one person" that the kind is taken for (Platt's targets). */
  readonly target: number;
  /** Of each comparison, so that both kinds weigh a half. */
  readonly weight: number;
}

function kindOf(distances: Float64Array, same: boolean): Kind {
  const count = distances.length;
  const target = same ? (count + 1) / (count + 2) : 1 / (count + 2);
  return { distances, target, weight: 0.5 / count };
}

function mean(values: Float64Array): number {
  return values.reduce((sum, one) => sum + one, 0) / values.length;
}

function lossOf(
  kinds: readonly Kind[],
  middle: number,
  spread: number,
  constant: number,
  fall: number,
): number {
  let loss = 0;
  for (const { distances, target, weight } of kinds)
    for (const distance of distances) {
      const odds = constant - (fall * (distance - middle)) / spread;
      const softplus = Math.max(odds, 0) + Math.log1p(Math.exp(-Math.abs(odds)));
      loss += weight * (softplus - target * odds);
    }
  return loss;
}

function newtonStep(
  kinds: readonly Kind[],
  middle: number,
  spread: number,
  constant: number,
  fall: number,
): readonly [number, number] {
  let [g0, g1, h00, h01, h11] = [0, 0, 1e-12, 0, 1e-12];
  for (const { distances, target, weight } of kinds)
    for (const distance of distances) {
      const x = (middle - distance) / spread;
      const share = 1 / (1 + Math.exp(-(constant + fall * x)));
      const error = weight * (share - target);
      const bend = weight * share * (1 - share);
      g0 += error;
      g1 += error * x;
      h00 += bend;
      h01 += bend * x;
      h11 += bend * x * x;
    }
  const determinant = h00 * h11 - h01 * h01;
  return [(h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant];
}
