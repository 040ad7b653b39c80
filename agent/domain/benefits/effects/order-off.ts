import { shareOf } from '../amounts/share-of.ts';
import { sum } from '../amounts/spread.ts';
import { type MoneyEffect, nothing, togetherOff } from './effect-view.ts';
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

/** The face value of the voucher off the target lines together, cut to their room: what is left of it is not paid out. */
export function voucherValue(capMinor: number): MoneyEffect {
  return (view) => togetherOff(view, Math.min(capMinor, view.voucherMinor ?? 0));
}

/** The amount of the step that the summed target lines reach, inclusive. */
export function tieredFixedOrder(effect: TieredAmount, capMinor: number): MoneyEffect {
  return (view) => {
    const amountMinor =
      reachedStep(effect.steps, sum(view.base))?.amountMinor ?? effect.baseAmountMinor;
    return togetherOff(view, Math.min(capMinor, amountMinor));
  };
}

/** For each full `everyMinor` of the summed target lines the amount once, at most `maxTimes` times. */
export function everyAmountOff(
  effect: { everyMinor: number; amountMinor: number; maxTimes?: number | undefined },
  capMinor: number,
): MoneyEffect {
  return (view) => {
    const total = sum(view.base);
    if (total < effect.everyMinor) {
      return nothing({
        code: 'min-subtotal',
        seen: String(total),
        needed: String(effect.everyMinor),
        difference: effect.everyMinor - total,
      });
    }
    const times = Math.min(
      Math.floor(total / effect.everyMinor),
      effect.maxTimes ?? Number.MAX_SAFE_INTEGER,
    );
    // Beyond 2^53 the product is no longer exact, but far above any room, and the room is what is taken then.
    return togetherOff(view, Math.min(capMinor, times * effect.amountMinor));
  };
}
