import { performance } from 'node:perf_hooks';
import type { BenchmarkResult } from './benchmark.ts';

/** One side of a comparison: does the work this many times. */
export type Work = (times: number) => void | Promise<void>;

export interface Comparison {
  readonly name: string;
  readonly baselineName: string;
  readonly ours: Work;
  readonly baseline: Work;
  /** Pairs to measure; default 31. */
  readonly samples?: number;
  /** Operations in one sample; absent = as many as the slower side does in {@link SAMPLE_MS}. */
  readonly timesPerSample?: number;
}

/** How long one sample should take, in milliseconds: long against the clock's step and a pause. */
export const SAMPLE_MS = 20;
const DEFAULT_SAMPLES = 31;
const WARM_UP_SAMPLES = 3;
const MAX_TIMES = 10_000_000;

/**
 * Measures ours against a baseline in interleaved pairs: the order within a pair alternates, so that a
 * machine that grows slower or faster meanwhile touches both sides alike.
 *
 * @returns medians in microseconds per operation, and the median of the ratios pair by pair
 */
export async function compare(comparison: Comparison): Promise<BenchmarkResult> {
  const { ours, baseline, samples = DEFAULT_SAMPLES } = comparison;
  const times = comparison.timesPerSample ?? (await timesFor(ours, baseline));
  for (let nth = 0; nth < WARM_UP_SAMPLES; nth += 1) {
    await sampleUs(ours, times);
    await sampleUs(baseline, times);
  }
  const oursUs: number[] = [];
  const baselineUs: number[] = [];
  for (let nth = 0; nth < samples; nth += 1) {
    if (nth % 2 === 0) oursUs.push(await sampleUs(ours, times));
    baselineUs.push(await sampleUs(baseline, times));
    if (nth % 2 === 1) oursUs.push(await sampleUs(ours, times));
  }
  return {
    name: comparison.name,
    unit: 'us/op',
    ours: median(oursUs),
    baseline: median(baselineUs),
    baselineName: comparison.baselineName,
    ratio: median(oursUs.map((us, nth) => us / (baselineUs[nth] ?? us))),
    samples,
  };
}

/** The middle value; of an even count the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error('broken invariant: the median of nothing');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

async function timesFor(ours: Work, baseline: Work): Promise<number> {
  let times = 1;
  while (times < MAX_TIMES) {
    const slowerUs = Math.max(await sampleUs(ours, times), await sampleUs(baseline, times));
    if ((slowerUs * times) / 1000 >= SAMPLE_MS) break;
    times *= 2;
  }
  return times;
}

async function sampleUs(work: Work, times: number): Promise<number> {
  const started = performance.now();
  await work(times);
  return ((performance.now() - started) * 1000) / times;
}
