import type { Effect } from '../../../contract/effects.ts';
import { shareOf } from '../amounts/share-of.ts';
import { spread, sum } from '../amounts/spread.ts';
import { sumOfUnits, unitShares } from '../amounts/unit-shares.ts';
import { compileSelector } from '../select-lines.ts';
import { type EffectView, type MoneyEffect, missingUnits, nothing } from './effect-view.ts';
import { byUnitPrice } from './units-off.ts';

type Bundle = Extract<Effect, { kind: 'bundle' }>;

/** One part while sets are made: its lines, dearest unit first, and where in that order free units may still be. */
interface PartQueue {
  readonly order: readonly number[];
  readonly qty: number;
  next: number;
}

/** Units that one set takes from one line, and what they cost. */
interface Piece {
  readonly line: number;
  readonly costMinor: number;
}

/**
 * Parts from different lines sold together. Set after set, each part in turn takes its dearest free units, so no later
 * set is worth more than an earlier one, and sets are made as long as they save something. What all sets save is spread
 * over the units in them, in proportion to what these cost; what a floor blocks on one line moves to the others.
 */
export function bundle(effect: Bundle): MoneyEffect {
  const parts = effect.parts.map(({ target, qty }) => ({ matches: compileSelector(target), qty }));
  const unitsOfSet = parts.reduce((units, part) => units + part.qty, 0);
  return (view) => {
    const queues = parts.map(({ matches, qty }): PartQueue => {
      const isPart = (index: number): boolean => {
        const line = view.lines[index];
        return line !== undefined && (matches === null || matches(line));
      };
      return { order: byUnitPrice(view, isPart, 'most-expensive'), qty, next: 0 };
    });
    const used = view.lines.map(() => 0);
    const costs = view.lines.map(() => 0);
    let savedMinor = 0;
    for (let sets = 0; sets < effect.maxApplications; sets += 1) {
      const { pieces, missing } = takeSet(view, queues, used);
      if (missing > 0 && sets === 0) return nothing(missingUnits(unitsOfSet - missing, unitsOfSet));
      const worthMinor = pieces.reduce((total, piece) => total + piece.costMinor, 0);
      const savesMinor = savingOfSet(effect, worthMinor);
      if (missing > 0 || savesMinor <= 0) break;
      savedMinor += savesMinor;
      for (const { line, costMinor } of pieces) costs[line] = (costs[line] ?? 0) + costMinor;
    }
    const rooms = view.room.map((room, index) => Math.min(room, costs[index] ?? 0));
    // One rounding for all sets; a percentage of each would round every set by itself.
    const dueMinor =
      effect.percentBp === undefined
        ? savedMinor
        : shareOf(sum(costs), effect.percentBp, 10_000, view.rounding);
    const totalMinor = Math.min(dueMinor, sum(rooms));
    return { amounts: spread(totalMinor, costs, rooms), totalMinor, pointsSpent: 0 };
  };
}

/** What one set saves; zero or less: the member is better off without it. */
function savingOfSet({ priceMinor, amountMinor }: Bundle, worthMinor: number): number {
  if (priceMinor !== undefined) return worthMinor - priceMinor;
  return Math.min(amountMinor ?? worthMinor, worthMinor);
}

/** Takes the units of one set; where some are missing nobody counts what was taken, for no further set is made. */
function takeSet(
  view: EffectView,
  queues: readonly PartQueue[],
  used: number[],
): { pieces: Piece[]; missing: number } {
  const pieces: Piece[] = [];
  let missing = 0;
  for (const queue of queues) {
    let left = queue.qty;
    while (left > 0 && queue.next < queue.order.length) {
      const line = queue.order[queue.next] ?? 0;
      const from = used[line] ?? 0;
      const units = Math.min(left, (view.lines[line]?.qty ?? 0) - from);
      if (units > 0) {
        pieces.push({ line, costMinor: costOfUnits(view, line, from, units) });
        used[line] = from + units;
        left -= units;
      }
      if (left > 0) queue.next += 1;
    }
    missing += left;
  }
  return { pieces, missing };
}

/** What `units` units of a line cost, after its `from` dearest ones. */
function costOfUnits(view: EffectView, line: number, from: number, units: number): number {
  const shares = unitShares(view.base[line] ?? 0, view.lines[line]?.qty ?? 1);
  return sumOfUnits(shares, from + units) - sumOfUnits(shares, from);
}
