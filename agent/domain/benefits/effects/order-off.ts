import { shareOf } from '../amounts/share-of.ts';
import { spread, sum } from '../amounts/spread.ts';
import type { EffectView, MoneyEffect, Proposal } from './effect-view.ts';
import { reachedStep } from './items-off.ts';

interface TieredAmount {
  readonly baseAmountMinor: number;
  readonly steps: readonly { fromMinor: number; amountMinor: number }[];
}

/** A percentage of the summed target lines: one rounding, then capped and spread. */
export function percentOffOrder(effect: { percentBp: number }, capMinor: number): MoneyEffect {
  return (view) => spreadOff(view, Math.min(capMinor, shareOf(sum(view.base), effect.percentBp, 10_000, view.rounding)));
}

/** An amount off the target lines together, cut to their room. */
export function fixedOffOrder(effect: { amountMinor: number }, capMinor: number): MoneyEffect {
  return (view) => spreadOff(view, Math.min(capMinor, effect.amountMinor));
}

/** The amount of the step that the summed target lines reach, inclusive. */
export function tieredFixedOrder(effect: TieredAmount, capMinor: number): MoneyEffect {
  return (view) => {
    const amountMinor = reachedStep(effect.steps, sum(view.base))?.amountMinor ?? effect.baseAmountMinor;
    return spreadOff(view, Math.min(capMinor, amountMinor));
  };
}

/** Spreads an order-level amount over the lines in proportion to what they cost at the step's start. */
export function spreadOff(view: EffectView, amountMinor: number): Proposal {
  const totalMinor = Math.min(amountMinor, sum(view.room));
  return { amounts: spread(totalMinor, view.running, view.room), totalMinor, pointsSpent: 0 };
}
