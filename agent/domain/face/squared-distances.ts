import type { NearestList } from './nearest-list.ts';

/** Memory for templates, row by row, and the pass over it that a search is. */
export interface SquaredDistances {
  /** Makes room for so many rows, keeps what is there, and overwrites the memory that it leaves. */
  reserve(rows: number): Float32Array;
  /** Offers each of the first `rows` rows that may be near enough to the list, in order. */
  pass(probe: Float32Array, rows: number, list: NearestList): void;
}

/** Numbers that are added up before it is asked whether a row is still near enough. */
const STEP = 16;

/** The pass in plain JavaScript: four sums at a time, so that no addition waits for the one before. */
export function plainScan(dimensions: number): SquaredDistances {
  let flat = new Float32Array(0);
  const whole = dimensions - (dimensions % STEP);

  function squared(start: number, probe: Float32Array, limit: number): number {
    let sum = 0;
    for (let at = 0; at < whole; at += STEP) {
      let [a, b, c, d] = [0, 0, 0, 0];
      for (let n = at; n < at + STEP; n += 4) {
        const row = start + n;
        const w = (flat[row] as number) - (probe[n] as number);
        const x = (flat[row + 1] as number) - (probe[n + 1] as number);
        const y = (flat[row + 2] as number) - (probe[n + 2] as number);
        const z = (flat[row + 3] as number) - (probe[n + 3] as number);
        a += w * w;
        b += x * x;
        c += y * y;
        d += z * z;
      }
      sum += a + b + (c + d);
      if (sum >= limit) return sum;
    }
    for (let at = whole; at < dimensions; at++)
      sum += ((flat[start + at] as number) - (probe[at] as number)) ** 2;
    return sum;
  }

  return {
    reserve(rows) {
      const grown = new Float32Array(rows * dimensions);
      grown.set(flat);
      // The old array holds templates too.
      flat.fill(0);
      flat = grown;
      return flat;
    },
    pass(probe, rows, list) {
      let limit = list.limit;
      for (let row = 0; row < rows; row++) {
        const sum = squared(row * dimensions, probe, limit);
        if (!(sum < limit)) continue;
        list.offer(row, sum);
        limit = list.limit;
      }
    },
  };
}
