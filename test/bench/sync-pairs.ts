import type { BenchmarkResult } from './benchmark.ts';
import { median } from './measure.ts';

export interface Pairs {
  readonly name: string;
  /** Of the figures that both sides answer, such as `rows/s`. */
  readonly unit: string;
  readonly baselineName: string;
  /** Pairs to measure. */
  readonly samples: number;
  /** One measurement; answers its figure. */
  readonly ours: () => Promise<number>;
  readonly baseline: () => Promise<number>;
}

/**
 * Measures ours against a baseline where one measurement takes seconds: in pairs whose order alternates, so that a
 * machine that is busier for a while touches both sides alike. Nothing is warmed up: a load happens once.
 *
 * @returns medians of both sides, and the median of the ratios pair by pair
 */
export async function comparePairs(pairs: Pairs): Promise<BenchmarkResult> {
  const ours: number[] = [];
  const baseline: number[] = [];
  for (let nth = 0; nth < pairs.samples; nth += 1) {
    if (nth % 2 === 0) ours.push(await pairs.ours());
    baseline.push(await pairs.baseline());
    if (nth % 2 === 1) ours.push(await pairs.ours());
  }
  return resultOf(pairs, ours, baseline);
}

/** The result of measurements that were taken pair by pair. */
export function resultOf(
  about: Pick<Pairs, 'name' | 'unit' | 'baselineName'>,
  ours: readonly number[],
  baseline: readonly number[],
): BenchmarkResult {
  return {
    name: about.name,
    unit: about.unit,
    ours: median(ours),
    baseline: median(baseline),
    baselineName: about.baselineName,
    ratio: median(ours.map((figure, nth) => figure / (baseline[nth] ?? figure))),
    samples: ours.length,
  };
}

/** The value below which `share` (0 to 1) of the values lie; the largest where there are too few to tell. */
export function percentile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new Error('broken invariant: a percentile of nothing');
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

/** Several benchmarks may show figures of one measurement; it is taken for the first that asks. */
export function once<T>(measure: () => Promise<T>): () => Promise<T> {
  let measured: Promise<T> | undefined;
  return () => {
    measured ??= measure();
    return measured;
  };
}
