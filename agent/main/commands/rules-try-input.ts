import { parse } from 'yaml';
import { z } from 'zod';
import { basketSchema } from '../../contract/basket.ts';
import { weatherSchema } from '../../contract/calendar.ts';
import {
  couponStateSchema,
  type EvaluationInput,
  evaluationInputSchema,
  memberFactsSchema,
} from '../../contract/evaluation-input.ts';
import { err, ok, type Result } from '../../contract/result.ts';
import type { RuleSet } from '../../contract/rules.ts';
import { storeSchema } from '../../contract/store.ts';
import { instantSchema, timeZoneSchema } from '../../contract/time.ts';
import { voucherFactsSchema } from '../../contract/voucher.ts';
import { localTime } from '../../domain/benefits/local-time.ts';
import { sceneOf } from '../../domain/calendar/scene-of.ts';

/** What `rules try` takes beside the rules: everything but the basket has a plain default. */
const tryFileSchema = z.strictObject({
  basket: basketSchema,
  /** Absent = guest; facts left out are empty. */
  member: memberFactsSchema.partial().optional(),
  store: z
    .strictObject({ storeId: z.string().default('store'), storeTier: z.string().default('A') })
    .prefault({}),
  /** Absent = this moment. */
  at: instantSchema.optional(),
  timeZone: timeZoneSchema.optional(),
  /** Minute of the local day at which the business day ends. */
  dayEndsAtMinute: storeSchema.shape.dayEndsAtMinute,
  /** null = no weather is known. */
  weather: weatherSchema.nullable().default(null),
  /** Points that may be spent; null = their holder cannot be reached. */
  points: z.int().nullable().default(0),
  coupons: z.record(z.string(), couponStateSchema).default({}),
  /** Vouchers among the basket's codes, by whatever name stands there for them. */
  vouchers: z.record(z.string(), voucherFactsSchema).optional(),
  isReturn: z.boolean().default(false),
});

/** Reads the file (YAML or JSON) into an input of the engine; an error names the field. */
export function readTryFile(
  source: string,
  ruleSet: RuleSet,
  epochMs: number,
): Result<EvaluationInput, string> {
  let value: unknown;
  try {
    value = parse(source);
  } catch (cause) {
    return err(cause instanceof Error ? cause.message : String(cause));
  }
  return tryInput(value, ruleSet, epochMs);
}

/** As {@link readTryFile}, from a value that was read already. */
export function tryInput(
  value: unknown,
  ruleSet: RuleSet,
  epochMs: number,
): Result<EvaluationInput, string> {
  const parsed = tryFileSchema.safeParse(value);
  if (!parsed.success) return err(z.prettifyError(parsed.error));
  const { basket, member, store, at, timeZone, points, coupons, vouchers, isReturn } = parsed.data;
  const { dayEndsAtMinute, weather } = parsed.data;
  const now = localTime(
    at === undefined ? epochMs : Date.parse(at),
    timeZone ?? ruleSet.timeZone ?? 'Asia/Shanghai',
    dayEndsAtMinute,
  );
  const input = evaluationInputSchema.safeParse({
    ...basket,
    pointsToSpend: basket.pointsToSpend ?? 0,
    isReturn,
    member: member === undefined ? null : { ...NOBODY, ...member },
    store,
    now,
    scene: sceneOf(ruleSet.calendar, now),
    weather,
    allowances: {
      points: points === null ? { reachable: false } : { reachable: true, available: points },
      coupons,
      ...(vouchers === undefined ? {} : { vouchers }),
      allotments: {},
    },
    counters: {},
    budgetsUsedMinor: {},
  });
  return input.success ? ok(input.data) : err(z.prettifyError(input.error));
}

const NOBODY = {
  memberId: 'member',
  tier: '',
  groups: [],
  tags: [],
  completedOrders: 0,
  yearSpendMinor: 0,
  birthdayToday: false,
  birthdayMonth: false,
};
