/** A seeded source of numbers: the same seed gives the same sequence on every machine. */
export interface Prng {
  /** A whole number, 0 <= n < 2^32. */
  uint32(): number;
  /** A whole number, 0 <= n < bound; `bound` from 1 to 2^32. */
  below(bound: number): number;
  /** A whole number, min <= n <= max. */
  between(min: number, max: number): number;
  /** Whether an event of this chance, in basis points (10,000 = always), happens. */
  chance(basisPoints: number): boolean;
  /** One element of a list that is not empty. */
  pick<T>(list: readonly T[]): T;
  /** One element, drawn in proportion to its weight; the weights are whole and not all zero. */
  weighted<T>(list: readonly (readonly [item: T, weight: number])[]): T;
}

/**
 * Creates a {@link Prng} from a whole number.
 *
 * xoshiro128** (D. Blackman, S. Vigna, "Scrambled linear pseudorandom number generators", 2021),
 * its state filled by splitmix32. For demo data only: not fit for keys or codes.
 */
export function createPrng(seed: number): Prng {
  const fill = splitmix32(seed);
  let [a, b, c, d] = [fill(), fill(), fill(), fill()];

  const uint32 = (): number => {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotateLeft(d, 11);
    return result;
  };
  const below = (bound: number): number => Math.floor((uint32() / 0x1_0000_0000) * bound);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;

  return {
    uint32,
    below,
    between: (min, max) => min + below(max - min + 1),
    chance: (basisPoints) => below(10_000) < basisPoints,
    pick,
    weighted: (list) => {
      let left = below(list.reduce((sum, [, weight]) => sum + weight, 0));
      for (const [item, weight] of list) {
        if (left < weight) return item;
        left -= weight;
      }
      throw new Error('broken invariant: the weights of a list do not add up');
    },
  };
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function splitmix32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e37_79b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0_aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a_2d97);
    return (mixed ^ (mixed >>> 15)) | 0;
  };
}
