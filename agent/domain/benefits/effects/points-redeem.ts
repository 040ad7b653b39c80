import { sum } from '../amounts/spread.ts';
import { type MoneyEffect, nothing, togetherOff } from './effect-view.ts';

/**
 * Pays with points: as many as were asked for, are available, are within the caps and fit the rest of the basket; spread
 * like an amount off the order. The rest that less than one point would pay stays to be paid in money.
 * @param capMinor the most that points may pay by this rule
 * @param capPoints the most points that this rule may take
 */
export function pointsRedeem(
  effect: { minorPerPoint: number; minPoints: number },
  capMinor: number,
  capPoints: number,
): MoneyEffect {
  return (view) => {
    const { pointsRequested: requested, pointsAvailable: available } = view;
    if (requested === 0) return nothing({ code: 'points-not-requested' });
    if (available === null) return nothing({ code: 'allowance-unreachable' });
    const spendable = Math.min(requested, Math.max(0, available));
    if (spendable === 0) {
      return nothing({
        code: 'points-balance',
        seen: String(available),
        needed: String(requested),
        difference: requested - available,
      });
    }
    if (spendable < effect.minPoints) {
      const difference = effect.minPoints - spendable;
      return nothing({
        code: 'min-points',
        seen: String(spendable),
        needed: String(effect.minPoints),
        difference,
      });
    }
    const pointsSpent = Math.min(
      spendable,
      capPoints,
      Math.floor(Math.min(capMinor, sum(view.room)) / effect.minorPerPoint),
    );
    if (pointsSpent < effect.minPoints) {
      const difference = effect.minPoints - pointsSpent;
      return nothing({
        code: 'min-points',
        seen: String(pointsSpent),
        needed: String(effect.minPoints),
        difference,
      });
    }
    return { ...togetherOff(view, pointsSpent * effect.minorPerPoint), pointsSpent };
  };
}
