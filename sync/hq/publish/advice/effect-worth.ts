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
    case 'quantity-groups': {
      const { percentBp, amountPerUnitMinor, ...shape } = effect;
      return percentBp === undefined
        ? { shape: JSON.stringify([shape, 'amount']), worth: amountPerUnitMinor ?? 0 }
        : { shape: JSON.stringify([shape, 'percent']), worth: percentBp };
    }
    case 'buy-x-get-y': {
      const { percentBp, ...got } = effect.get;
      return { shape: JSON.stringify({ ...effect, get: got }), worth: percentBp };
    }
    case 'bundle':
      return bundleWorth(effect);
    case 'every-amount-off': {
      const { amountMinor, ...shape } = effect;
      return { shape: JSON.stringify(shape), worth: amountMinor };
    }
    case 'voucher-value':
      // What it gives the voucher says, so of two rules neither gives more.
      return { shape: effect.kind, worth: 0 };
    case 'gift-item': {
      const { qty, ...gift } = effect.gift;
      return { shape: JSON.stringify({ ...effect, gift }), worth: qty };
    }
    case 'month-ladder': {
      // What is reached sooner is worth more.
      const { fromMinor, ...shape } = effect;
      return { shape: JSON.stringify(shape), worth: -fromMinor };
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

/** A set for a lower price, a larger percentage or a larger amount off is worth more. */
function bundleWorth(effect: Extract<Effect, { kind: 'bundle' }>): {
  readonly shape: string;
  readonly worth: number;
} {
  const { priceMinor, percentBp, amountMinor, ...shape } = effect;
  if (priceMinor !== undefined)
    return { shape: JSON.stringify([shape, 'price']), worth: -priceMinor };
  return percentBp === undefined
    ? { shape: JSON.stringify([shape, 'amount']), worth: amountMinor ?? 0 }
    : { shape: JSON.stringify([shape, 'percent']), worth: percentBp };
}
