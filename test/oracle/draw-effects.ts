import type { Effect, Selector } from '../../agent/contract/effects.ts';
import type { Lane } from '../../agent/contract/evaluation.ts';
import type { Prng } from '../../demo/prng.ts';
import * as pool from './pool.ts';

const ITEMS = ['percent-off-items', 'fixed-off-items', 'tiered-percent-items'] as const;
const UNITS = ['percent-off-cheapest-unit', 'quantity-groups', 'buy-x-get-y', 'bundle'] as const;
const ORDER = [
  'percent-off-order',
  'fixed-off-order',
  'tiered-fixed-order',
  'every-amount-off',
] as const;

const KINDS: Readonly<Record<Lane, readonly Effect['kind'][]>> = {
  price: [...ITEMS, 'member-price'],
  'multi-buy': [...ITEMS, ...UNITS],
  basket: [...ITEMS, ...UNITS, ...ORDER, 'points-redeem'],
  coupon: [...ITEMS, ...UNITS, ...ORDER, 'points-redeem', 'voucher-value', 'voucher-value'],
  'points-spend': ['points-redeem'],
  'points-earn': ['points-earn', 'points-earn', 'points-multiplier'],
  entitlement: ['entitlement', 'gift-item', 'spend-tier', 'month-ladder', 'donation'],
};

/** An effect that may stand in a lane, as an author would write it. */
export function drawEffect(prng: Prng, lane: Lane): unknown {
  const kind = prng.pick(KINDS[lane]);
  const percentBp = prng.pick([1, 333, 500, 1_000, 2_500, 3_333, 5_000, 9_999, 10_000]);
  const amountMinor = prng.pick([1, 50, 99, 100, 333, 1_000, 2_500]);
  const least = prng.chance(3_000) ? { maxUnitsPerLine: prng.between(1, 3) } : {};
  const thresholds = [[0, 500], [500, 1_000, 2_000], [1_000], []];
  const steps = prng.pick(thresholds);
  const counted = (most = 3): object => ({
    ...(prng.chance(5_000) ? { target: drawSelector(prng) } : {}),
    qty: prng.between(1, most),
  });
  const values: Partial<Record<Effect['kind'], object>> = {
    'percent-off-items': { percentBp, ...least },
    'fixed-off-items': { amountMinor, ...least },
    'percent-off-order': { percentBp },
    'fixed-off-order': { amountMinor },
    'member-price': { prices: Array.from({ length: prng.between(1, 4) }, () => drawPrice(prng)) },
    'percent-off-cheapest-unit': { percentBp, ...drawCheapest(prng) },
    'every-amount-off': drawEvery(prng),
    bundle: {
      parts: Array.from({ length: prng.between(2, 3) }, () => counted(2)),
      ...prng.pick([{ percentBp }, { amountMinor }, { priceMinor: prng.pick([0, 1, 100, 999]) }]),
      ...(prng.chance(5_000) ? { maxApplications: prng.between(1, 3) } : {}),
    },
    'tiered-percent-items': {
      basePercentBp: prng.pick([0, 500]),
      steps: steps.map((fromMinor) => ({ fromMinor, percentBp: prng.pick([1, 1_000, 3_333]) })),
    },
    'tiered-fixed-order': {
      baseAmountMinor: prng.pick([0, 77]),
      steps: steps.map((fromMinor) => ({ fromMinor, amountMinor: prng.pick([1, 100, 333]) })),
    },
    'quantity-groups': {
      groupSize: prng.between(1, 4),
      ...(prng.chance(5_000) ? { percentBp } : { amountPerUnitMinor: amountMinor }),
    },
    'buy-x-get-y': {
      buy: counted(),
      get: { ...counted(), percentBp, pick: prng.pick(['most-expensive', 'cheapest']) },
      ...(prng.chance(5_000) ? { maxApplications: prng.between(1, 3) } : {}),
    },
    'points-redeem': {
      minorPerPoint: prng.pick([1, 7, 10]),
      minPoints: prng.pick([0, 0, 10, 50]),
      bucket: prng.pick(['base', 'base', ...pool.BUCKETS]),
    },
    'points-earn': {
      basis: prng.pick(['net', 'net', 'gross']),
      perMinor: prng.pick([1, 3, 100, 250]),
      points: prng.pick([1, 2, 7]),
      bucket: prng.pick(['base', 'base', 'green']),
      ...(prng.chance(3_000) ? { pendingDays: prng.pick([0, 3]) } : {}),
    },
    'points-multiplier': { factorBp: prng.pick([1, 5_000, 10_000, 15_000, 20_000]) },
    entitlement: {
      entitlement: prng.pick(['priority-lane', 'parking']),
      ...(prng.chance(5_000) ? { validDays: prng.pick([1, 9, 30, 366]) } : {}),
    },
    'gift-item': {
      buy: counted(),
      gift: {
        sku: 'pen',
        qty: prng.between(1, 2),
        ...(prng.chance(5_000) ? { valueMinor: prng.pick([0, 250]) } : {}),
      },
      repeat: prng.chance(5_000),
    },
    'spend-tier': {
      steps: prng.pick([
        [
          { tier: 'silver', fromMinor: 0 },
          { tier: 'gold', fromMinor: 10_000 },
        ],
        [{ tier: 'gold', fromMinor: 5_000 }],
        [
          { tier: 'gold', fromMinor: 0 },
          { tier: 'silver', fromMinor: 5_000 },
        ],
      ]),
    },
    'month-ladder': {
      months: prng.between(2, 3),
      fromMinor: 5_000,
      tier: prng.pick(['silver', 'gold', 'jade']),
      entitlements: prng.chance(5_000) ? [{ entitlement: 'parking', validDays: 90 }] : [],
    },
    donation: {
      cause: prng.pick(['trees', 'school']),
      ...prng.pick([
        { perMinor: 1, amountMinor: 1 },
        { perMinor: 333, amountMinor: 7 },
        { perMinor: 1_000, amountMinor: 100 },
      ]),
    },
  };
  return { kind, ...values[kind] };
}

function drawPrice(prng: Prng): object {
  return {
    sku: prng.pick(pool.SKUS),
    ...(prng.chance(4_000) ? { tier: prng.pick(pool.TIERS) } : {}),
    unitPriceMinor: prng.pick(pool.PRICES),
  };
}

/** Never more units than are bought, nor more off than is spent: such rules are not published. */
function drawCheapest(prng: Prng): object {
  const units = prng.pick([1, 1, 2]);
  return { units, ...(prng.chance(4_000) ? { perUnits: prng.between(units, 4) } : {}) };
}

function drawEvery(prng: Prng): object {
  return {
    ...prng.pick([
      { everyMinor: 100, amountMinor: 7 },
      { everyMinor: 333, amountMinor: 333 },
      { everyMinor: 500, amountMinor: 99 },
      { everyMinor: 1_000, amountMinor: 100 },
    ]),
    ...(prng.chance(4_000) ? { maxTimes: prng.between(1, 3) } : {}),
  };
}

/** Lines of a basket: as a rule a few of many. */
export function drawSelector(prng: Prng): Selector {
  return {
    ...(prng.chance(2_500) ? { sku: some(prng, pool.SKUS) } : {}),
    ...(prng.chance(4_000) ? { category: some(prng, pool.CATEGORIES) } : {}),
    ...(prng.chance(1_500) ? { attributes: some(prng, pool.ATTRIBUTES) } : {}),
    ...(prng.chance(1_000) ? { unitPriceMin: prng.pick(pool.PRICES) } : {}),
    ...(prng.chance(1_000) ? { unitPriceMax: prng.pick(pool.PRICES) } : {}),
    ...(prng.chance(1_000) ? { notAlreadyDiscounted: true as const } : {}),
  };
}

/** At least one of a list. */
export function some<T>(prng: Prng, list: readonly T[]): T[] {
  const drawn = list.filter(() => prng.chance(5_000));
  return drawn.length === 0 ? [prng.pick(list)] : drawn;
}
