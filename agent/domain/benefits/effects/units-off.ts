import type { Effect } from '../../../contract/effects.ts';
import { shareOfUnits } from '../amounts/share-of.ts';
import { compileSelector, type LineMatcher } from '../select-lines.ts';
import {
  cutToRoom,
  type EffectView,
  type MoneyEffect,
  missingUnits,
  nothing,
} from './effect-view.ts';
import { amountOffUnits } from './items-off.ts';

type Of<K extends Effect['kind']> = Extract<Effect, { kind: K }>;

/**
 * A percentage off the cheapest units among the target lines that can still be reduced. With `perUnits` the count grows
 * with every so many units that cost something: of six at "every third free" the two cheapest of all six are free.
 */
export function percentOffCheapestUnit(effect: Of<'percent-off-cheapest-unit'>): MoneyEffect {
  return (view) => {
    let left = effect.units;
    if (effect.perUnits !== undefined) {
      const bought = unitsThatCost(view);
      if (bought < effect.perUnits) return nothing(missingUnits(bought, effect.perUnits));
      left *= Math.floor(bought / effect.perUnits);
    }
    const reduced = view.lines.map(() => 0);
    for (const index of byUnitPrice(view, (at) => (view.room[at] ?? 0) > 0, 'cheapest')) {
      const units = Math.min(left, view.lines[index]?.qty ?? 0);
      reduced[index] = units;
      left -= units;
      if (left === 0) break;
    }
    return cutToRoom(percentOfUnits(view, reduced, effect.percentBp), view.room);
  };
}

function unitsThatCost({ lines, base }: EffectView): number {
  return lines.reduce(
    (units, line, index) => ((base[index] ?? 0) > 0 ? units + line.qty : units),
    0,
  );
}

/** Only units in complete groups are reduced, taken in line order. */
export function quantityGroups(effect: Of<'quantity-groups'>): MoneyEffect {
  return (view) => {
    const unitsTotal = view.lines.reduce((total, line) => total + line.qty, 0);
    let left = unitsTotal - (unitsTotal % effect.groupSize);
    const amounts = view.lines.map((line, index) => {
      const units = Math.min(left, line.qty);
      left -= units;
      const base = view.base[index] ?? 0;
      if (effect.percentBp !== undefined)
        return shareOfUnits(base, units, line.qty, effect.percentBp, view.rounding);
      return amountOffUnits(base, line.qty, units, effect.amountPerUnitMinor ?? 0);
    });
    return cutToRoom(amounts, view.room);
  };
}

/**
 * The dearest matching units are set aside as bought; then further units are reduced, dearest or cheapest first. Each
 * application is all or nothing.
 */
export function buyXGetY(effect: Of<'buy-x-get-y'>): MoneyEffect {
  const bought = compileSelector(effect.buy.target);
  const got = compileSelector(effect.get.target);
  return (view) => {
    const matching = (matcher: LineMatcher | null) => (index: number) => {
      const line = view.lines[index];
      return line !== undefined && (matcher === null || matcher(line));
    };
    const buyOrder = byUnitPrice(view, matching(bought), 'most-expensive');
    const getOrder = byUnitPrice(view, matching(got), effect.get.pick);
    const free = view.lines.map((line) => line.qty);
    const reduced = view.lines.map(() => 0);
    for (let round = 0; round < effect.maxApplications; round += 1) {
      const before = [...free];
      if (
        !takeUnits(free, buyOrder, effect.buy.qty) ||
        !takeUnits(free, getOrder, effect.get.qty, reduced)
      ) {
        before.forEach((units, index) => {
          free[index] = units;
        });
        break;
      }
    }
    return cutToRoom(percentOfUnits(view, reduced, effect.get.percentBp), view.room);
  };
}

/** A percentage of so many units of each line, rounded line by line. */
function percentOfUnits(view: EffectView, units: readonly number[], percentBp: number): number[] {
  return view.lines.map((line, index) =>
    shareOfUnits(view.base[index] ?? 0, units[index] ?? 0, line.qty, percentBp, view.rounding),
  );
}

/** Takes `count` free units in `order`, adding them to `taken`; changes nothing and answers false when there are too few. */
function takeUnits(
  free: number[],
  order: readonly number[],
  count: number,
  taken?: number[],
): boolean {
  let left = count;
  for (const index of order) left -= Math.min(left, free[index] ?? 0);
  if (left > 0) return false;
  left = count;
  for (const index of order) {
    const units = Math.min(left, free[index] ?? 0);
    free[index] = (free[index] ?? 0) - units;
    if (taken !== undefined) taken[index] = (taken[index] ?? 0) + units;
    left -= units;
  }
  return true;
}

/** Positions of the matching lines of a view by what one unit costs; equal prices in line order. */
export function byUnitPrice(
  view: EffectView,
  matches: (index: number) => boolean,
  pick: 'cheapest' | 'most-expensive',
): number[] {
  const positions = view.lines.map((_, index) => index).filter(matches);
  const sign = pick === 'cheapest' ? 1 : -1;
  // Compared by cross-multiplication: no unit price is rounded, and 9 x 10^11 times 10,000 units stays within 2^53.
  return positions.sort((a, b) => {
    const left = (view.base[a] ?? 0) * (view.lines[b]?.qty ?? 1);
    const right = (view.base[b] ?? 0) * (view.lines[a]?.qty ?? 1);
    return left === right ? a - b : sign * (left - right);
  });
}
