import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AMONG_MAX } from '../../../../agent/contract/index.ts';
import { lnMilliNats } from '../../../../agent/domain/auth-policy/ln-milli-nats.ts';

test.each([
  [1, 0],
  [2, 694],
  [3, 1_099],
  [10, 2_303],
  [200, 5_299],
  [1_000, 6_908],
  [1_024, 6_932],
  [20_000, 9_904],
  [100_000, 11_513],
  [AMONG_MAX, 20_724],
])('ln %i is %i thousandths, rounded up', (count, expected) => {
  expect(lnMilliNats(count)).toBe(expected);
});

test('is never below the logarithm, at most one thousandth above it, and never falls', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: AMONG_MAX }), (count) => {
      const found = lnMilliNats(count);
      expect(found).toBeGreaterThanOrEqual(1_000 * Math.log(count) - 1e-6);
      expect(found).toBeLessThanOrEqual(1_000 * Math.log(count) + 1.001);
      expect(lnMilliNats(count + 1)).toBeGreaterThanOrEqual(found);
    }),
  );
});

test.each([0, -1, 1.5, Number.NaN])('%s is no count', (count) => {
  expect(() => lnMilliNats(count)).toThrow('a count is a whole number from 1 on');
});
