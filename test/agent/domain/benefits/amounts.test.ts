import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { shareOf, shareOfUnits } from '../../../../agent/domain/benefits/amounts/share-of.ts';
import { spread, sum } from '../../../../agent/domain/benefits/amounts/spread.ts';
import { spreadPoints } from '../../../../agent/domain/benefits/amounts/spread-points.ts';
import { sumOfUnits, unitShares } from '../../../../agent/domain/benefits/amounts/unit-shares.ts';

const minor = fc.integer({ min: 0, max: 900_000_000_000 });

describe('a share of an amount', () => {
  test('is rounded once, half up or down', () => {
    expect(shareOf(1_999, 2_000, 10_000, 'half-up')).toBe(400);
    expect(shareOf(1_999, 2_000, 10_000, 'down')).toBe(399);
    expect(shareOf(25, 1_000, 10_000, 'half-up')).toBe(3);
    expect(shareOf(24, 1_000, 10_000, 'half-up')).toBe(2);
  });

  test('of 100 % is exactly the amount', () => {
    fc.assert(
      fc.property(minor, (amount) => shareOf(amount, 10_000, 10_000, 'half-up') === amount),
    );
  });

  test('agrees with exact fractions also where the product leaves 2^53', () => {
    const factor = fc.integer({ min: 0, max: 1_000_000_000 });
    fc.assert(
      fc.property(
        minor,
        factor,
        fc.integer({ min: 1, max: 1_000_000_000 }),
        (amount, part, extra) => {
          const whole = part + extra;
          const exact = (BigInt(amount) * BigInt(part) * 2n + BigInt(whole)) / (2n * BigInt(whole));
          return BigInt(shareOf(amount, part, whole, 'half-up')) === exact;
        },
      ),
    );
  });

  test('of some units of a line is rounded once for units and percentage together', () => {
    // Two of three units at 50 %: 100 x 2/3 x 1/2 = 33.33; rounding twice would give 34.
    expect(shareOfUnits(100, 2, 3, 5_000, 'half-up')).toBe(33);
  });
});

describe('an amount spread over lines', () => {
  const lines = fc.array(fc.record({ weight: minor, room: minor }), {
    minLength: 1,
    maxLength: 40,
  });

  test('sums exactly and never exceeds a room', () => {
    fc.assert(
      fc.property(lines, fc.integer({ min: 0, max: 10_000 }), (drawn, partBp) => {
        const weights = drawn.map((line) => line.weight);
        const rooms = drawn.map((line) => Math.min(line.room, line.weight));
        const total = shareOf(Math.min(sum(rooms), 900_000_000_000), partBp, 10_000, 'down');
        const shares = spread(total, weights, rooms);
        expect(sum(shares)).toBe(total);
        for (const [index, share] of shares.entries()) {
          expect(share).toBeGreaterThanOrEqual(0);
          expect(share).toBeLessThanOrEqual(rooms[index] ?? 0);
        }
      }),
    );
  });

  test('gives the odd unit to the largest remainder, a tie to the earlier line', () => {
    expect(spread(1_000, [5_000, 5_000, 5_000], [5_000, 5_000, 5_000])).toEqual([334, 333, 333]);
    expect(spread(100, [1, 2, 4], [100, 100, 100])).toEqual([14, 29, 57]);
  });

  test('moves what a line cannot take to the others, in proportion, until none is too full', () => {
    expect(spread(1_400, [5_000, 2_000], [500, 2_000])).toEqual([500, 900]);
    expect(spread(900, [100, 100, 100], [50, 400, 600])).toEqual([50, 400, 450]);
  });

  test('of points ignores lines without weight', () => {
    expect(spreadPoints(10, [0, 5, 5])).toEqual([0, 5, 5]);
    expect(spreadPoints(7, [1, 1, 1])).toEqual([3, 2, 2]);
    // Exact parts 3.5, 3062.5 and 13993: the odd point of equal remainders goes to the earlier line, however big the weights.
    const weights = [1n, 875n, 3_998n].map((weight) => weight * 5_000n * 10_000n ** 4n);
    expect(spreadPoints(17_059, weights)).toEqual([4, 3_062, 13_993]);
    expect(spreadPoints(3, [0n, 0n])).toEqual([0, 0]);
  });
});

describe('units of a line', () => {
  test('add up to the line and differ by one minor unit at most, dearer first', () => {
    expect(unitShares(1_000, 3)).toEqual([
      { count: 1, paidMinor: 334 },
      { count: 2, paidMinor: 333 },
    ]);
    fc.assert(
      fc.property(minor, fc.integer({ min: 1, max: 10_000 }), (paidMinor, qty) => {
        const shares = unitShares(paidMinor, qty);
        expect(sumOfUnits(shares, qty)).toBe(paidMinor);
        expect(sum(shares.map((share) => share.count))).toBe(qty);
      }),
    );
  });
});
