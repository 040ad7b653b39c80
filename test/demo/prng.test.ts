import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPrng } from '../../demo/prng.ts';

test('a seed always gives the same sequence', () => {
  const draw = (seed: number): number[] => {
    const prng = createPrng(seed);
    return Array.from({ length: 5 }, () => prng.uint32());
  };
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
});

test('between stays inside its bounds and reaches both', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: -9, max: 9 }), fc.nat(5), (seed, min, span) => {
      const prng = createPrng(seed);
      const drawn = new Set(Array.from({ length: 400 }, () => prng.between(min, min + span)));
      expect(Math.min(...drawn)).toBe(min);
      expect(Math.max(...drawn)).toBe(min + span);
    }),
    { numRuns: 30 },
  );
});

test('draws spread evenly: no sixteenth of the range is off by more than a tenth', () => {
  const prng = createPrng(7);
  const counts = new Array<number>(16).fill(0);
  for (let nth = 0; nth < 160_000; nth += 1) {
    const bin = prng.below(16);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  expect(counts.filter((count) => count < 9_000 || count > 11_000)).toEqual([]);
});

test('a weight of zero is never drawn', () => {
  const prng = createPrng(3);
  const drawn = Array.from({ length: 1_000 }, () =>
    prng.weighted([
      ['never', 0],
      ['a', 1],
      ['b', 3],
    ]),
  );
  expect(drawn).not.toContain('never');
  expect(drawn.filter((item) => item === 'b').length).toBeGreaterThan(600);
});
