import { type Effect, effectSchema, type Selector } from '../../agent/contract/effects.ts';
import { LANES, type Lane } from '../../agent/contract/evaluation.ts';
import { ruleIdSchema } from '../../agent/contract/ids.ts';
import { LIMIT_SCOPES, type Window } from '../../agent/contract/rules.ts';
import { text } from '../../agent/contract/text.ts';
import type { Prng } from '../../demo/prng.ts';
import { drawEffect, drawSelector, some } from './draw-effects.ts';
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
  return rules.map(payingOnce);
}

/** Only one rule may take the face value of a voucher, so all that could are one group of one step. */
function payingOnce(rule: DrawnRule): DrawnRule {
  const { effect, voucher } = rule;
  return effect.kind === 'voucher-value' && voucher !== undefined
    ? { ...rule, step: 1, group: `${voucher.partner}-${voucher.campaign}` }
    : rule;
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
      ...(['points-earn', 'points-redeem'].includes(effect.kind) && prng.chance(2_000)
        ? { points: prng.pick([1, 3, 10, 55]) }
        : {}),
    },
    ...(prng.chance(2_000)
      ? { budget: { id: prng.pick(pool.BUDGETS), limitMinor: prng.pick([100, 500, 1_000, 5_000]) } }
      : {}),
    ...drawAllotment(prng, lane),
    limits: LIMIT_SCOPES.filter(() => prng.chance(500)).map((scope) => ({
      scope,
      max: prng.between(1, 3),
    })),
    ...(lane === 'coupon' || prng.chance(500) ? drawClaim(prng, effect) : {}),
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

/** Few rules of a set earn points, so that those of them that are scarce share one allotment. */
function drawAllotment(prng: Prng, lane: Lane): Pick<DrawnRule, 'allotment'> {
  if (lane === 'points-earn')
    return prng.chance(4_000) ? { allotment: { id: pool.ALLOTMENTS[0] } } : {};
  return prng.chance(1_000) ? { allotment: { id: prng.pick(pool.ALLOTMENTS) } } : {};
}

/** A group holds either rules that earn points or multipliers. */
function groupFor(prng: Prng, { kind }: Effect): string {
  return `${kind === 'points-multiplier' ? 'm' : 'g'}${prng.between(1, 2)}`;
}

const USES = ['single', 'unlimited', { times: 2 }] as const;

/** Rules that name one code must say the same of its uses, so each code of the pool has its own. */
function couponOf(all: readonly string[], code: string, key: 'code' | 'gcn') {
  const uses = USES[all.indexOf(code) % USES.length] ?? 'single';
  return key === 'code' ? { code, uses } : { gcn: code, uses };
}

/** What a rule asks the shopper to present. */
function drawClaim(prng: Prng, { kind }: Effect): Pick<DrawnRule, 'coupon' | 'voucher'> {
  const voucher = { voucher: prng.pick(pool.CAMPAIGNS) };
  if (kind === 'voucher-value') return voucher;
  return prng.weighted<Pick<DrawnRule, 'coupon' | 'voucher'>>([
    [{ coupon: couponOf(pool.CODES, prng.pick(pool.CODES), 'code') }, 6],
    [{ coupon: couponOf(pool.GCNS, prng.pick(pool.GCNS), 'gcn') }, 2],
    [voucher, 2],
  ]);
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
