import { shareOfUnits } from '../amounts/share-of.ts';
import { sum } from '../amounts/spread.ts';
import { sumOfUnits, unitShares } from '../amounts/unit-shares.ts';
import { cutToRoom, type EffectView, type MoneyEffect } from './effect-view.ts';

/** A percentage of each target line, rounded line by line; with a unit limit only of that share of the line. */
export function percentOffItems(effect: {
  percentBp: number;
  maxUnitsPerLine?: number | undefined;
}): MoneyEffect {
  return (view) =>
    cutToRoom(percentOfLines(view, effect.percentBp, effect.maxUnitsPerLine), view.room);
}

/** An amount off each unit, never above what the unit still costs. */
export function fixedOffItems(effect: {
  amountMinor: number;
  maxUnitsPerLine?: number | undefined;
}): MoneyEffect {
  return (view) => {
    const amounts = view.lines.map((line, index) => {
      const units = Math.min(line.qty, effect.maxUnitsPerLine ?? line.qty);
      return amountOffUnits(view.base[index] ?? 0, line.qty, units, effect.amountMinor);
    });
    return cutToRoom(amounts, view.room);
  };
}

/** The percentage of the step that the summed target lines reach (inclusive), line by line. */
export function tieredPercentItems(effect: {
  basePercentBp: number;
  steps: readonly { fromMinor: number; percentBp: number }[];
}): MoneyEffect {
  return (view) => {
    const reached = reachedStep(effect.steps, sum(view.base));
    return cutToRoom(
      percentOfLines(view, reached?.percentBp ?? effect.basePercentBp, undefined),
      view.room,
    );
  };
}

/** The highest step whose threshold is reached, inclusive. */
export function reachedStep<T extends { fromMinor: number }>(
  steps: readonly T[],
  amountMinor: number,
): T | undefined {
  let reached: T | undefined;
  for (const step of steps) {
    if (
      step.fromMinor <= amountMinor &&
      (reached === undefined || step.fromMinor >= reached.fromMinor)
    )
      reached = step;
  }
  return reached;
}

/** `amountMinor` off each of the first `units` units of a line that costs `baseMinor`, each unit cut to its own share. */
export function amountOffUnits(
  baseMinor: number,
  qty: number,
  units: number,
  amountMinor: number,
): number {
  return sumOfUnits(unitShares(baseMinor, qty), units, amountMinor);
}

function percentOfLines(
  view: EffectView,
  percentBp: number,
  maxUnitsPerLine: number | undefined,
): number[] {
  return view.lines.map((line, index) => {
    const units = Math.min(line.qty, maxUnitsPerLine ?? line.qty);
    return shareOfUnits(view.base[index] ?? 0, units, line.qty, percentBp, view.rounding);
  });
}
