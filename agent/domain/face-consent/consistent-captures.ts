/** Captures of one enrolment, at least. */
export const ENROL_CAPTURES_MIN = 3;
/** Captures of one enrolment, at most. */
export const ENROL_CAPTURES_MAX = 12;

/** What descriptors of a model are, as far as an enrolment needs to know. */
export interface DescriptorShape {
  readonly dimensions: number;
  /** `unit`: they have length one, and so have their means. */
  readonly normalisation: 'none' | 'unit';
}

/** Why captures make no template. */
export type CapturesFault =
  | 'too-few'
  | 'too-many'
  | 'wrong-length'
  | 'not-a-number'
  | 'zero'
  | 'not-unit'
  /** They are not all of one person, or one of them is poor. */
  | 'inconsistent';

/** How far from one the length of a unit descriptor may be: the rounding of 32-bit sums, generously. */
const UNIT_TOLERANCE = 0.01;

/**
 * Whether captures make a template; null = they do.
 * @param pairMax the largest distance between two captures of one enrolment, in the model's metric
 */
export function capturesFault(
  captures: readonly Float32Array[],
  shape: DescriptorShape,
  pairMax: number,
): CapturesFault | null {
  if (captures.length < ENROL_CAPTURES_MIN) return 'too-few';
  if (captures.length > ENROL_CAPTURES_MAX) return 'too-many';
  for (const capture of captures) {
    const fault = descriptorFault(capture, shape);
    if (fault !== null) return fault;
  }
  const apart = captures.some((one, at) =>
    captures.slice(at + 1).some((other) => !(distanceOf(one, other) <= pairMax)),
  );
  return apart ? 'inconsistent' : null;
}

function descriptorFault(
  values: Float32Array,
  { dimensions, normalisation }: DescriptorShape,
): CapturesFault | null {
  if (values.length !== dimensions) return 'wrong-length';
  if (!values.every(Number.isFinite)) return 'not-a-number';
  const length = lengthOf(values);
  if (length === 0) return 'zero';
  return normalisation === 'unit' && Math.abs(length - 1) > UNIT_TOLERANCE ? 'not-unit' : null;
}

/** The mean of captures that have no fault, of length one where the model's are. */
export function meanCapture(
  captures: readonly Float32Array[],
  { dimensions, normalisation }: DescriptorShape,
): Float32Array {
  const mean = new Float32Array(dimensions);
  for (const capture of captures)
    for (const [at, value] of capture.entries())
      mean[at] = (mean[at] ?? 0) + value / captures.length;
  const length = lengthOf(mean);
  return normalisation === 'unit' && length > 0 ? mean.map((value) => value / length) : mean;
}

function distanceOf(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (const [at, value] of a.entries()) sum += (value - (b[at] ?? 0)) ** 2;
  return Math.sqrt(sum);
}

function lengthOf(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum);
}
