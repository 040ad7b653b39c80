/** What one benchmark found; ratios travel between machines, times do not. */
export interface BenchmarkResult {
  readonly name: string;
  /** Unit of `ours` and `baseline`, such as `us/op`. */
  readonly unit: string;
  /** Median of our samples. */
  readonly ours: number;
  /** Median of the baseline's samples. */
  readonly baseline: number;
  /** What the baseline is, such as `bare prepared SELECT`. */
  readonly baselineName: string;
  /** Median of ours / baseline, pair by pair. */
  readonly ratio: number;
  /** Pairs measured. */
  readonly samples: number;
  /** Times that 99 of 100 operations kept within, where operations were timed one by one. */
  readonly oursP99?: number;
  readonly baselineP99?: number;
  /** What the figures show beyond themselves, in sentences; printed below the table. */
  readonly notes?: readonly string[];
}

/** One measurement against a baseline; a file `*.bench.ts` exports a list of them as `benchmarks`. */
export interface Benchmark {
  readonly name: string;
  run(): Promise<BenchmarkResult>;
}
