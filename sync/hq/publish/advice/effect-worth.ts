import type { Effect } from '../../../../agent/contract/effects.ts';

/**
 * How two effects of one kind compare: of two with the same `shape` the one with the larger `worth` gives at least as
 * much in every basket. null where no single figure says so.
 */
export function effectWorth(
  effect: Effect,
): { readonly shape: string; readonly worth: number } | null {
  switch (effect.kind) {
    case 'percent-off-items':
    case 'percent-off-order':
    case 'percent-off-cheapest-unit': {
      const { percentBp, ...shape } = effect;
      return { shape: JSON.stringify(shape), worth: percentBp };
    }
    case 'fixed-off-items':
    case 'fixed-off-order': {
      const { amountMinor, ...shape } = effect;
      return { shape: JSON.stringify(shape), worth: amountMinor };
    }
    case 'points-multiplier':
      return { shape: effect.kind, worth: effect.factorBp };
    case 'points-earn': {
      const { points, ...shape } = effect;
      return { shape: JSON.stringify(shape), worth: points };
    }
    default:
      return null;
  }
}
