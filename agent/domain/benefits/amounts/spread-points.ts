import { spread } from './spread.ts';

/** Spreads whole points over lines in proportion to `weights`, by largest remainder; no line has a limit. */
export function spreadPoints(points: number, weights: readonly number[]): number[] {
  // One more than all: with rooms that add up to the total, spread would hand out the rooms.
  const rooms = weights.map((weight) => (weight > 0 ? points + 1 : 0));
  return spread(points, weights, rooms);
}
