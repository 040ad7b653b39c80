import { LANES } from '../../agent/contract/evaluation.ts';
import {
  type EvaluationInput,
  evaluationInputSchema,
} from '../../agent/contract/evaluation-input.ts';
import { LIMIT_SCOPES } from '../../agent/contract/rules.ts';
import { text } from '../../agent/contract/text.ts';
import type { Prng } from '../../demo/prng.ts';
import type { DrawnRule } from './drawn-rule.ts';
import * as pool from './pool.ts';

export const BASKET_MOST_LINES = 6;

/** A basket, its shopper and what the till knows, for one rule set. */
export function drawInput(prng: Prng, rules: readonly DrawnRule[]): EvaluationInput {
  const date = prng.pick(pool.DAYS);
  const secondOfDay = prng.pick(pool.SECONDS);
  return evaluationInputSchema.parse({
    currency: 'CNY',
    lines: Array.from({ length: prng.between(1, BASKET_MOST_LINES) }, (_, index) =>
      drawLine(prng, index),
    ),
    codes: pool.CODES.filter(() => prng.chance(6_000)),
    pointsToSpend: prng.pick([0, 5, 10, 49, 50, 200, 5_000]),
    channel: prng.pick(['store', 'store', 'app']),
    isReturn: prng.chance(500),
    member: prng.chance(8_500) ? drawMember(prng) : null,
    store: { storeId: prng.pick(['S1', 'S2']), storeTier: prng.pick(['A', 'B']) },
    now: {
      date: 20_261_100 + date,
      secondOfDay,
      minuteOfDay: Math.floor(secondOfDay / 60),
      weekday: ((date - 20 + 4) % 7) + 1,
      month: 11,
      day: date,
    },
    allowances: {
      points: drawAllowance(prng, [0, 9, 50, 100, 10_000, -5]),
      coupons: Object.fromEntries(
        pool.CODES.filter(() => prng.chance(9_000)).map((code) => [
          code,
          prng.pick([
            'available',
            'available',
            'available',
            'unreachable',
            'used',
            'expired',
            'unknown',
          ]),
        ]),
      ),
      allotments: Object.fromEntries(
        pool.ALLOTMENTS.filter(() => prng.chance(9_000)).map((id) => [
          id,
          drawAllowance(prng, [0, 1, 2, 5]),
        ]),
      ),
    },
    ...(prng.chance(1_000)
      ? {
          withheld: Object.fromEntries(
            LANES.filter(() => prng.chance(2_000)).map((lane) => [
              lane,
              text('需要验证', 'Proof is needed'),
            ]),
          ),
        }
      : {}),
    counters: Object.fromEntries(
      rules.map(({ id }) => [
        id,
        Object.fromEntries(LIMIT_SCOPES.map((scope) => [scope, prng.pick([0, 0, 0, 1, 2])])),
      ]),
    ),
    budgetsUsedMinor: Object.fromEntries(
      pool.BUDGETS.map((id) => [id, prng.pick([0, 0, 1, 99, 400, 900, 5_000])]),
    ),
  });
}

function drawLine(prng: Prng, index: number): object {
  const unitPriceMinor = prng.chance(5_000) ? prng.pick(pool.PRICES) : prng.below(2_000);
  const floors = [
    unitPriceMinor,
    Math.floor(unitPriceMinor / 2),
    Math.max(0, unitPriceMinor - 10),
    5_000,
  ];
  return {
    lineId: `L${index + 1}`,
    sku: prng.pick(pool.SKUS),
    ...(prng.chance(9_000) ? { category: prng.pick(pool.CATEGORIES) } : {}),
    qty: prng.pick([1, 1, 2, 3, 4, 7]),
    unitPriceMinor,
    ...(prng.chance(2_500) ? { minUnitPriceMinor: prng.pick(floors) } : {}),
    ...(prng.chance(2_000) ? { alreadyDiscounted: prng.chance(5_000) } : {}),
    ...(prng.chance(3_000) ? { attributes: [prng.pick(pool.ATTRIBUTES)] } : {}),
  };
}

function drawMember(prng: Prng): object {
  return {
    memberId: 'M1',
    tier: prng.pick(['silver', 'gold', 'jade']),
    groups: pool.GROUPS.filter(() => prng.chance(5_000)),
    tags: pool.TAGS.filter(() => prng.chance(5_000)),
    completedOrders: prng.pick([0, 1, 2, 3]),
    yearSpendMinor: prng.pick([0, 4_999, 5_000, 9_999, 10_000]),
    birthdayToday: prng.chance(5_000),
    birthdayMonth: prng.chance(5_000),
  };
}

function drawAllowance(prng: Prng, amounts: readonly number[]): object {
  return prng.chance(9_000)
    ? { reachable: true, available: prng.pick(amounts) }
    : { reachable: false };
}
