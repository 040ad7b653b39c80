import { performance } from 'node:perf_hooks';
import type { BenchmarkResult } from './benchmark.ts';
import { median } from './measure.ts';

/** One side of a measurement of many. */
export interface Candidate {
  readonly name: string;
  readonly run: () => unknown;
  /** Runs in one round; a fast candidate has more of them. Default 1. */
  readonly perRound?: number;
}

/** Rounds that are measured however long they take. */
export const ROUNDS_MIN = 5;

/** Times of single runs in microseconds, round by round. */
export type Rounds = readonly (readonly number[])[];

/**
 * Measures several candidates in turn, each run by itself, so that percentiles can be told: a machine that is disturbed
 * for a while disturbs them all. Who begins a round changes from round to round. One round before counts for nothing.
 * @param enoughMs after so long {@link ROUNDS_MIN} rounds will do, so that a slow machine comes to an end; absent = all
 */
export async function interleave(
  candidates: readonly Candidate[],
  rounds: number,
  enoughMs: number = Number.POSITIVE_INFINITY,
): Promise<ReadonlyMap<string, Rounds>> {
  const began = performance.now();
  const times = new Map<string, number[][]>(candidates.map(({ name }) => [name, []]));
  for (let round = -1; round < rounds; round += 1) {
    if (round >= ROUNDS_MIN && performance.now() - began >= enoughMs) break;
    for (let nth = 0; nth < candidates.length; nth += 1) {
      const candidate = candidates[(nth + round + 1) % candidates.length];
      if (candidate === undefined) continue;
      const us = await timesOf(candidate);
      if (round >= 0) times.get(candidate.name)?.push(us);
    }
  }
  return times;
}

async function timesOf({ run, perRound = 1 }: Candidate): Promise<number[]> {
  const us: number[] = [];
  for (let nth = 0; nth < perRound; nth += 1) {
    const started = performance.now();
    const answer = run();
    if (answer instanceof Promise) await answer;
    us.push((performance.now() - started) * 1_000);
  }
  return us;
}

/** One candidate against another of the same measurement; the ratio is the median of the rounds' ratios of medians. */
export function against(
  times: ReadonlyMap<string, Rounds>,
  name: string,
  ours: string,
  baseline: string,
): BenchmarkResult {
  const [left, right] = [roundsOf(times, ours), roundsOf(times, baseline)];
  return {
    name,
    unit: 'us/op',
    ours: median(left.flat()),
    baseline: median(right.flat()),
    baselineName: baseline,
    ratio: median(left.map((us, round) => median(us) / median(right[round] ?? us))),
    samples: left.length,
    oursP99: percentile(left.flat(), 99),
    baselineP99: percentile(right.flat(), 99),
  };
}

function roundsOf(times: ReadonlyMap<string, Rounds>, name: string): Rounds {
  const found = times.get(name);
  if (found === undefined) throw new Error(`broken invariant: ${name} was not measured`);
  return found;
}

/** The smallest value that at least `percent` percent of the values do not exceed (nearest rank). */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = Math.ceil((sorted.length * percent) / 100) - 1;
  const value = sorted[Math.max(0, at)];
  if (value === undefined) throw new Error('broken invariant: a percentile of nothing');
  return value;
}
