import { type Effect, effectSchema, type Selector } from '../../agent/contract/effects.ts';
import { LANES, type Lane } from '../../agent/contract/evaluation.ts';
import { ruleIdSchema } from '../../agent/contract/ids.ts';
import { LIMIT_SCOPES, type Window } from '../../agent/contract/rules.ts';
import { text } from '../../agent/contract/text.ts';
import type { Prng } from '../../demo/prng.ts';
import { drawWish } from './draw-wish.ts';
import type { DrawnRule } from './drawn-rule.ts';
import * as pool from './pool.ts';
import { selectorsOf } from './wish.ts';

export const SET_MAX_RULES = 10;

/** A rule set: few values out of small pools, so that ties, edges and shared limits are met often. */
export function drawRules(prng: Prng): DrawnRule[] {
  const count = prng.between(1, SET_MAX_RULES);
  const ids = Array.from(
    { length: count },
    (_, index) => `r${index + prng.pick([0, 0, 7])}x${index}`,
  );
  const rules: DrawnRule[] = [];
  for (const id of ids)
    rules.push(prng.chance(1_500) ? twinOf(prng, rules, id) : drawRule(prng, id));
  return rules;
}

/** A rule that gives the same as an earlier one of its group: only priority and id tell who wins. */
function twinOf(prng: Prng, rules: readonly DrawnRule[], id: string): DrawnRule {
  if (rules.length === 0) return drawRule(prng, id);
  const twin = prng.pick(rules);
  return { ...twin, id: ruleIdSchema.parse(id), priority: prng.between(0, 2) };
}

function drawRule(prng: Prng, id: string): DrawnRule {
  const lane = prng.weighted(LANE_WEIGHTS);
  const effect = effectSchema.parse(drawEffect(prng, lane));
  const wish = prng.chance(5_000) ? drawWish(prng) : null;
  const named = wish === null ? [] : selectorsOf(wish);
  const select: Record<string, Selector> = Object.fromEntries(
    named.map((name) => [name, drawSelector(prng)]),
  );
  const byName = prng.chance(1_000);
  if (byName) select['target'] = drawSelector(prng);
  return {
    id: ruleIdSchema.parse(id),
    version: 1,
    name: text(`规则 ${id}`, `Rule ${id}`),
    lane,
    step: prng.pick([1, 1, 2]),
    ...(prng.chance(7_000) ? { group: groupFor(prng, effect) } : {}),
    priority: prng.between(0, 2),
    wish,
    exclusive: prng.chance(800) ? LANES.filter(() => prng.chance(3_000)) : [],
    select,
    target: byName ? 'target' : prng.chance(5_000) ? {} : drawSelector(prng),
    base: prng.pick(['running', 'running', 'list']),
    effect,
    caps: {
      ...(prng.chance(2_000) ? { discountMinor: prng.pick([1, 7, 100, 101, 333, 1_000]) } : {}),
      ...(effect.kind === 'points-earn' && prng.chance(2_000)
        ? { points: prng.pick([1, 3, 10, 55]) }
        : {}),
    },
    ...(prng.chance(2_000)
      ? { budget: { id: prng.pick(pool.BUDGETS), limitMinor: prng.pick([100, 500, 1_000, 5_000]) } }
      : {}),
    ...(lane !== 'points-earn' && prng.chance(1_000)
      ? { allotment: { id: prng.pick(pool.ALLOTMENTS) } }
      : {}),
    limits: LIMIT_SCOPES.filter(() => prng.chance(500)).map((scope) => ({
      scope,
      max: prng.between(1, 3),
    })),
    ...(lane === 'coupon' || prng.chance(500)
      ? { coupon: { code: prng.pick(pool.CODES), uses: prng.pick(['single', 'unlimited']) } }
      : {}),
    funding: 'store',
    returnPolicy: 'keep',
    rounding: prng.pick(['half-up', 'half-up', 'down']),
    ...(prng.chance(1_500) ? { window: drawWindow(prng) } : {}),
  };
}

const LANE_WEIGHTS: readonly (readonly [Lane, number])[] = [
  ['price', 4],
  ['multi-buy', 4],
  ['basket', 5],
  ['coupon', 3],
  ['points-spend', 2],
  ['points-earn', 4],
  ['entitlement', 3],
];

const ITEMS = ['percent-off-items', 'fixed-off-items', 'tiered-percent-items'] as const;
const UNITS = ['percent-off-cheapest-unit', 'quantity-groups', 'buy-x-get-y'] as const;
const ORDER = ['percent-off-order', 'fixed-off-order', 'tiered-fixed-order'] as const;

const KINDS: Readonly<Record<Lane, readonly Effect['kind'][]>> = {
  price: [...ITEMS, 'member-price'],
  'multi-buy': [...ITEMS, ...UNITS],
  basket: [...ITEMS, ...UNITS, ...ORDER, 'points-redeem'],
  coupon: [...ITEMS, ...UNITS, ...ORDER, 'points-redeem'],
  'points-spend': ['points-redeem'],
  'points-earn': ['points-earn', 'points-earn', 'points-multiplier'],
  entitlement: ['entitlement', 'gift-item', 'spend-tier'],
};

/** A group holds either rules that earn points or multipliers. */
function groupFor(prng: Prng, { kind }: Effect): string {
  return `${kind === 'points-multiplier' ? 'm' : 'g'}${prng.between(1, 2)}`;
}

function drawSelector(prng: Prng): Selector {
  return {
    ...(prng.chance(2_500) ? { sku: some(prng, pool.SKUS) } : {}),
    ...(prng.chance(4_000) ? { category: some(prng, pool.CATEGORIES) } : {}),
    ...(prng.chance(1_500) ? { attributes: some(prng, pool.ATTRIBUTES) } : {}),
    ...(prng.chance(1_000) ? { unitPriceMin: prng.pick(pool.PRICES) } : {}),
    ...(prng.chance(1_000) ? { unitPriceMax: prng.pick(pool.PRICES) } : {}),
    ...(prng.chance(1_000) ? { notAlreadyDiscounted: true as const } : {}),
  };
}

function some<T>(prng: Prng, list: readonly T[]): T[] {
  const drawn = list.filter(() => prng.chance(5_000));
  return drawn.length === 0 ? [prng.pick(list)] : drawn;
}

function drawEffect(prng: Prng, lane: Lane): unknown {
  const kind = prng.pick(KINDS[lane]);
  const percentBp = prng.pick([1, 333, 500, 1_000, 2_500, 3_333, 5_000, 9_999, 10_000]);
  const amountMinor = prng.pick([1, 50, 99, 100, 333, 1_000, 2_500]);
  const least = prng.chance(3_000) ? { maxUnitsPerLine: prng.between(1, 3) } : {};
  const thresholds = [[0, 500], [500, 1_000, 2_000], [1_000], []];
  const steps = prng.pick(thresholds);
  const counted = (): object => ({
    ...(prng.chance(5_000) ? { target: drawSelector(prng) } : {}),
    qty: prng.between(1, 3),
  });
  const values: Partial<Record<Effect['kind'], object>> = {
    'percent-off-items': { percentBp, ...least },
    'fixed-off-items': { amountMinor, ...least },
    'percent-off-order': { percentBp },
    'fixed-off-order': { amountMinor },
    'member-price': { prices: Array.from({ length: prng.between(1, 4) }, () => drawPrice(prng)) },
    'percent-off-cheapest-unit': { percentBp },
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
    'points-redeem': { minorPerPoint: prng.pick([1, 7, 10]), minPoints: prng.pick([0, 0, 10, 50]) },
    'points-earn': {
      basis: prng.pick(['net', 'net', 'gross']),
      perMinor: prng.pick([1, 3, 100, 250]),
      points: prng.pick([1, 2, 7]),
      bucket: prng.pick(['base', 'base', 'green']),
    },
    'points-multiplier': { factorBp: prng.pick([1, 5_000, 10_000, 15_000, 20_000]) },
    entitlement: {
      entitlement: prng.pick(['priority-lane', 'parking']),
      ...(prng.chance(5_000) ? { validDays: prng.pick([1, 9, 30, 366]) } : {}),
    },
    'gift-item': {
      buy: counted(),
      gift: { sku: 'pen', qty: prng.between(1, 2) },
      repeat: prng.chance(5_000),
    },
    'spend-tier': {
      steps: prng.pick([
        [
          { tier: 'silver', fromMinor: 0 },
          { tier: 'gold', fromMinor: 10_000 },
        ],
        [{ tier: 'gold', fromMinor: 5_000 }],
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

function drawWindow(prng: Prng): Window {
  const [from, to] = [prng.pick(pool.MOMENTS), prng.pick(pool.MOMENTS)].sort();
  const daily = prng.pick([
    { from: '22:00', to: '02:00' },
    { from: '02:00', to: '10:00' },
    { from: '10:00', to: '24:00' },
    { from: '10:00', to: '22:00' },
  ]);
  return {
    ...(prng.chance(5_000) ? { from } : {}),
    // A moment of the same day may end before a day alone begins; the next day's end never does.
    ...(prng.chance(5_000) && to?.slice(0, 10) !== from?.slice(0, 10) ? { to } : {}),
    ...(prng.chance(2_500) ? { weekdays: some(prng, [1, 2, 5, 6, 7]) } : {}),
    ...(prng.chance(5_000) ? { daily } : {}),
  };
}
