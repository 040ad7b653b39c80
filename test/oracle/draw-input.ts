import { LANES } from '../../agent/contract/evaluation.ts';
import type { EvaluationInput } from '../../agent/contract/evaluation-input.ts';
import { LIMIT_SCOPES } from '../../agent/contract/rules.ts';
import { text } from '../../agent/contract/text.ts';
import { VOUCHER_STATES } from '../../agent/contract/voucher.ts';
import type { Prng } from '../../demo/prng.ts';
import type { DrawnRule } from './drawn-rule.ts';
import * as pool from './pool.ts';

export const BASKET_MOST_LINES = 6;

/** A basket, its shopper and what the till knows, for one rule set: all of it written out, so that it is as the till has it. */
export function drawInput(prng: Prng, rules: readonly DrawnRule[]): EvaluationInput {
  const secondOfDay = prng.pick(pool.SECONDS);
  const day = prng.pick(pool.DAYS);
  const vouchers = Object.fromEntries(
    pool.VOUCHERS.filter(() => prng.chance(4_000)).map((name) => [name, drawVoucher(prng)]),
  );
  return {
    currency: 'CNY',
    lines: Array.from({ length: prng.between(1, BASKET_MOST_LINES) }, (_, index) =>
      drawLine(prng, index),
    ),
    codes: [
      ...pool.CODES.filter(() => prng.chance(6_000)),
      ...pool.GCN_TEXTS.filter(() => prng.chance(3_000)),
      ...Object.keys(vouchers),
    ],
    pointsToSpend: prng.pick([0, 5, 10, 49, 50, 200, 5_000]),
    channel: prng.pick(['store', 'store', 'app']),
    isReturn: prng.chance(500),
    member: prng.chance(8_500) ? drawMember(prng) : null,
    store: { storeId: prng.pick(['S1', 'S2']), storeTier: prng.pick(['A', 'B']) },
    now: {
      ...dayFields(day),
      secondOfDay,
      minuteOfDay: Math.floor(secondOfDay / 60),
      // A store whose day ends at two at the earliest.
      ...(secondOfDay < 7_200 && prng.chance(5_000) ? { businessDay: dayFields(day - 1) } : {}),
    },
    scene: drawScene(prng),
    weather: prng.chance(7_000) ? { tags: pool.WEATHER.filter(() => prng.chance(5_000)) } : null,
    allowances: {
      points: drawAllowance(prng, [0, 9, 50, 100, 10_000, -5]),
      coupons: Object.fromEntries(
        [...pool.CODES, ...pool.GCN_TEXTS]
          .filter(() => prng.chance(9_000))
          .map((code) => [
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
      ...(Object.keys(vouchers).length === 0 ? {} : { vouchers }),
      allotments: Object.fromEntries(
        pool.ALLOTMENTS.filter(() => prng.chance(9_000)).map((id) => [
          id,
          drawAllowance(prng, [0, 1, 1, 2, 5]),
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
  } as unknown as EvaluationInput;
}

/** What is known of a voucher; of one that cannot be read nothing is. */
function drawVoucher(prng: Prng): object {
  const state = prng.pick(['available', 'available', 'available', ...VOUCHER_STATES]);
  if (state === 'unreadable') return { state };
  return {
    state,
    ...prng.pick(pool.CAMPAIGNS),
    ...(prng.chance(7_000) ? { faceMinor: prng.pick([1, 100, 500, 5_000]) } : {}),
  };
}

/** Of November 2026. */
function dayFields(day: number): object {
  return { date: 20_261_100 + day, weekday: ((day - 20 + 4) % 7) + 1, month: 11, day };
}

/** A day that the calendar does not cover has no tags. */
function drawScene(prng: Prng): object {
  const known = prng.chance(8_000);
  return { known, tags: known ? pool.SCENES.filter(() => prng.chance(4_000)) : [] };
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
    ...(prng.chance(8_000) ? { monthSpendMinor: prng.pick([0, 4_000, 4_999, 9_000]) } : {}),
    ...(prng.chance(8_000)
      ? {
          earlierMonthsMinor: Array.from({ length: prng.between(0, 3) }, () =>
            prng.pick([0, 4_999, 5_000, 9_000]),
          ),
        }
      : {}),
    ...(prng.chance(8_000)
      ? {
          daysSince: {
            ...(prng.chance(7_000) ? { store: prng.pick([0, 7, 8]) } : {}),
            ...(prng.chance(7_000) ? { online: prng.pick([7, 30, 31]) } : {}),
          },
        }
      : {}),
    pointsByBucket: Object.fromEntries(
      pool.BUCKETS.filter(() => prng.chance(7_000)).map((bucket) => [
        bucket,
        prng.pick([0, 3, 50, 1_000, -5]),
      ]),
    ),
  };
}

function drawAllowance(prng: Prng, amounts: readonly number[]): object {
  return prng.chance(9_000)
    ? { reachable: true, available: prng.pick(amounts) }
    : { reachable: false };
}
