import { shareOf } from '../amounts/share-of.ts';
import { sum } from '../amounts/spread.ts';
import { type MoneyEffect, togetherOff } from './effect-view.ts';
import { reachedStep } from './items-off.ts';

interface TieredAmount {
  readonly baseAmountMinor: number;
  readonly steps: readonly { fromMinor: number; amountMinor: number }[];
}

/** A percentage of the summed target lines: one rounding, then capped and spread. */
export function percentOffOrder(effect: { percentBp: number }, capMinor: number): MoneyEffect {
  return (view) =>
    togetherOff(
      view,
      Math.min(capMinor, shareOf(sum(view.base), effect.percentBp, 10_000, view.rounding)),
    );
}

/** An amount off the target lines together, cut to their room. */
export function fixedOffOrder(effect: { amountMinor: number }, capMinor: number): MoneyEffect {
  return (view) => togetherOff(view, Math.min(capMinor, effect.amountMinor));
}

/** The amount of the step that the summed target lines reach, inclusive. */
export function tieredFixedOrder(effect: TieredAmount, capMinor: number): MoneyEffect {
  return (view) => {
    const amountMinor =
      reachedStep(effect.steps, sum(view.base))?.amountMinor ?? effect.baseAmountMinor;
    return togetherOff(view, Math.min(capMinor, amountMinor));
  };
}
