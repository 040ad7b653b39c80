import type { Effect, EffectKind } from '../../../contract/effects.ts';
import type { Lane } from '../../../contract/evaluation.ts';
import { spread } from '../amounts/spread.ts';
import { bundle } from './bundle.ts';
import type { MoneyEffect } from './effect-view.ts';
import { fixedOffItems, percentOffItems, tieredPercentItems } from './items-off.ts';
import { memberPrice } from './member-price.ts';
import {
  everyAmountOff,
  fixedOffOrder,
  percentOffOrder,
  tieredFixedOrder,
  voucherValue,
} from './order-off.ts';
import { pointsRedeem } from './points-redeem.ts';
import { buyXGetY, percentOffCheapestUnit, quantityGroups } from './units-off.ts';

/**
 * `line`: takes money line by line, `order`: takes money from the target lines as a whole, `earn` and `multiplier`:
 * points, `grant`: nothing that is counted in money or points.
 */
export type EffectFamily = 'line' | 'order' | 'earn' | 'multiplier' | 'grant';

interface EffectRow {
  readonly family: EffectFamily;
  /** Lanes in which the effect may stand. */
  readonly lanes: readonly Lane[];
}

const ANY_DISCOUNT: readonly Lane[] = ['price', 'multi-buy', 'basket', 'coupon'];
const ACROSS_LINES: readonly Lane[] = ['multi-buy', 'basket', 'coupon'];
const WHOLE_BASKET: readonly Lane[] = ['basket', 'coupon'];

/** Every effect, where it may stand and how it competes. */
export const EFFECTS: Readonly<Record<EffectKind, EffectRow>> = {
  'percent-off-items': { family: 'line', lanes: ANY_DISCOUNT },
  'fixed-off-items': { family: 'line', lanes: ANY_DISCOUNT },
  'tiered-percent-items': { family: 'line', lanes: ANY_DISCOUNT },
  'member-price': { family: 'line', lanes: ['price'] },
  'percent-off-cheapest-unit': { family: 'order', lanes: ACROSS_LINES },
  'quantity-groups': { family: 'order', lanes: ACROSS_LINES },
  'buy-x-get-y': { family: 'order', lanes: ACROSS_LINES },
  bundle: { family: 'order', lanes: ACROSS_LINES },
  'percent-off-order': { family: 'order', lanes: WHOLE_BASKET },
  'fixed-off-order': { family: 'order', lanes: WHOLE_BASKET },
  'tiered-fixed-order': { family: 'order', lanes: WHOLE_BASKET },
  'every-amount-off': { family: 'order', lanes: WHOLE_BASKET },
  'voucher-value': { family: 'order', lanes: ['coupon'] },
  // A chain may let points pay before its coupons; `points-spend` is the usual place.
  'points-redeem': { family: 'order', lanes: [...WHOLE_BASKET, 'points-spend'] },
  'points-earn': { family: 'earn', lanes: ['points-earn'] },
  'points-multiplier': { family: 'multiplier', lanes: ['points-earn'] },
  entitlement: { family: 'grant', lanes: ['entitlement'] },
  'gift-item': { family: 'grant', lanes: ['entitlement'] },
  'spend-tier': { family: 'grant', lanes: ['entitlement'] },
  'month-ladder': { family: 'grant', lanes: ['entitlement'] },
  donation: { family: 'grant', lanes: ['entitlement'] },
};

/**
 * Compiles an effect that takes money; null for the others.
 * @param capMinor the most the rule may take from one basket; absent = no cap
 * @param capPoints the most points it may take, where it takes points; absent = no cap
 */
export function compileMoneyEffect(
  effect: Effect,
  capMinor = Number.MAX_SAFE_INTEGER,
  capPoints = Number.MAX_SAFE_INTEGER,
): MoneyEffect | null {
  switch (effect.kind) {
    case 'percent-off-items':
      return capped(percentOffItems(effect), capMinor);
    case 'fixed-off-items':
      return capped(fixedOffItems(effect), capMinor);
    case 'tiered-percent-items':
      return capped(tieredPercentItems(effect), capMinor);
    case 'member-price':
      return capped(memberPrice(effect), capMinor);
    case 'percent-off-cheapest-unit':
      return capped(percentOffCheapestUnit(effect), capMinor);
    case 'quantity-groups':
      return capped(quantityGroups(effect), capMinor);
    case 'buy-x-get-y':
      return capped(buyXGetY(effect), capMinor);
    case 'bundle':
      return capped(bundle(effect), capMinor);
    case 'percent-off-order':
      return percentOffOrder(effect, capMinor);
    case 'fixed-off-order':
      return fixedOffOrder(effect, capMinor);
    case 'tiered-fixed-order':
      return tieredFixedOrder(effect, capMinor);
    case 'every-amount-off':
      return everyAmountOff(effect, capMinor);
    case 'voucher-value':
      return voucherValue(capMinor);
    case 'points-redeem':
      return pointsRedeem(effect, capMinor, capPoints);
    case 'points-earn':
    case 'points-multiplier':
    case 'entitlement':
    case 'gift-item':
    case 'spend-tier':
    case 'month-ladder':
    case 'donation':
      return null;
  }
}

/** Above the cap, the cap is spread over the lines in proportion to what each would have got. */
function capped(effect: MoneyEffect, capMinor: number): MoneyEffect {
  if (capMinor === Number.MAX_SAFE_INTEGER) return effect;
  return (view) => {
    const proposal = effect(view);
    if (proposal.totalMinor <= capMinor || proposal.amounts === null) return proposal;
    return {
      ...proposal,
      amounts: spread(capMinor, proposal.amounts, proposal.amounts),
      totalMinor: capMinor,
    };
  };
}
