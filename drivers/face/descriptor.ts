import type { ModelManifest } from './model-manifest.ts';

/** Why numbers that claim to be a descriptor are none of this model. */
export type DescriptorFault = 'other-model' | 'wrong-length' | 'not-a-number' | 'zero' | 'not-unit';

/** How far from one the length of a unit descriptor may be: the rounding of 32-bit sums, generously. */
const UNIT_TOLERANCE = 0.01;

/** Checks a descriptor before it is compared or kept; null when it is one of this model. */
export function descriptorFault(
  { id, version, dimensions, normalisation }: ModelManifest,
  given: { readonly modelId: string; readonly modelVersion: string; readonly values: Float32Array },
): DescriptorFault | null {
  if (given.modelId !== id || given.modelVersion !== version) return 'other-model';
  if (given.values.length !== dimensions) return 'wrong-length';
  if (!given.values.every(Number.isFinite)) return 'not-a-number';
  const length = lengthOf(given.values);
  if (length === 0) return 'zero';
  if (normalisation === 'unit' && Math.abs(length - 1) > UNIT_TOLERANCE) return 'not-unit';
  return null;
}

/** The Euclidean distance of two descriptors of one model. */
export function distanceOf(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    sum += difference * difference;
  }
  return Math.sqrt(sum);
}

/** The mean of one person's descriptors, brought to length one where the model's are. At least one. */
export function meanDescriptor(
  { dimensions, normalisation }: Pick<ModelManifest, 'dimensions' | 'normalisation'>,
  descriptors: readonly Float32Array[],
): Float32Array {
  const mean = new Float32Array(dimensions);
  for (const one of descriptors)
    for (let at = 0; at < dimensions; at++)
      mean[at] = (mean[at] ?? 0) + (one[at] ?? 0) / descriptors.length;
  return normalisation === 'unit' ? toUnit(mean) : mean;
}

/** The same direction with length one; a zero vector stays as it is. */
export function toUnit(values: Float32Array): Float32Array {
  const length = lengthOf(values);
  return length === 0 ? values : values.map((value) => value / length);
}

function lengthOf(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum);
}
