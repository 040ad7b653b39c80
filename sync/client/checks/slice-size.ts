import type { SyncClock } from '../deps.ts';

export interface SliceLimits {
  /** Rows of the first slice, before it is known how fast this machine is. */
  readonly first: number;
  readonly least: number;
  readonly most: number;
}

/** How many rows fit into one slice of work, as the slices before it tell. */
export interface SliceSize {
  rows(): number;
  /** Runs a slice and learns from its time. @param rowsOf rows that it came to */
  timed<Value>(run: (limit: number) => Value, rowsOf: (value: Value) => number): Value;
}

/** Slices that take about `budgetMs` each: at most twofold from one to the next, so that one lucky measure costs nobody. */
export function createSliceSize(
  clock: SyncClock,
  budgetMs: number,
  { first, least, most }: SliceLimits,
): SliceSize {
  let rows = first;
  return {
    rows: () => rows,
    timed(run, rowsOf) {
      const startMs = clock.monoMs();
      const value = run(rows);
      const tookMs = Math.max(clock.monoMs() - startMs, 0.01);
      const done = rowsOf(value);
      // A short slice that kept its budget says nothing about a full one.
      if (done < rows && tookMs <= budgetMs) return value;
      const fitting = Math.floor((Math.max(1, done) * budgetMs) / tookMs);
      rows = Math.max(least, Math.min(fitting, 2 * rows, most));
      return value;
    },
  };
}
