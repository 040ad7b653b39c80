import { z } from 'zod';
import { COUPON_CODE_MAX } from './basket.ts';
import { calendarSchema, calendarSourceSchema } from './calendar.ts';
import { CONDITION_MAX_CHARS, conditionSchema } from './condition.ts';
import { policySchema } from './decision.ts';
import { effectSchema, selectorRefSchema, selectorSchema } from './effects.ts';
import { laneSchema } from './evaluation.ts';
import { ruleIdSchema, ruleSetIdSchema } from './ids.ts';
import { amountMinorSchema, currencySchema } from './money.ts';
import { authoredTextSchema } from './text.ts';
import { timeZoneSchema } from './time.ts';
import { PARTNERS_MAX, partnerSchema, ruleVoucherSchema } from './voucher.ts';

export const RULE_SET_MAX_RULES = 10_000;
/** Every exclusive rule that may hold costs one more trial of the lanes. */
export const RULE_SET_MAX_EXCLUSIVE = 50;
export const RULE_MAX_SELECTORS = 50;
export const RULE_MAX_LIMITS = 8;
export const RULE_FILE_MAX_BYTES = 16 * 1024 * 1024;

/** The schema name inside the signed envelope of a rule set. */
export const RULE_SET_SCHEMA = 'tillside/rule-set/1';

/** `YYYY-MM-DD`, `YYYY-MM-DDTHH:MM` or `YYYY-MM-DDTHH:MM:SS`, in store-local time, without an offset. */
const localMoment = z
  .string()
  .regex(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?)?$/);
const clockMinute = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/);

/**
 * When a rule is in force, in the store's own time. All given parts must hold. Days alone and weekdays go by the
 * business day, so they last until the store's day ends; times go by the wall clock.
 */
export const windowSchema = z.strictObject({
  /** First moment; a day alone means its first second. */
  from: localMoment.optional(),
  /** Last moment, inclusive; a day alone means its last second. */
  to: localMoment.optional(),
  /** 1 = Monday ... 7 = Sunday. */
  weekdays: z.array(z.int().min(1).max(7)).min(1).max(7).optional(),
  /** From inclusive, to exclusive; a `to` before `from` runs over midnight. */
  daily: z.strictObject({ from: clockMinute, to: clockMinute }).optional(),
});
export type Window = z.infer<typeof windowSchema>;

/** What a use is counted by. */
export const LIMIT_SCOPES = ['total', 'store-day', 'member', 'member-day', 'member-month'] as const;
export const limitScopeSchema = z.enum(LIMIT_SCOPES);
export type LimitScope = z.infer<typeof limitScopeSchema>;

/** Most uses of one coupon code over the chain that are counted; the holder counts them one by one at each hold. */
export const COUPON_MAX_TIMES = 100_000;

/** What a rule asks for: one code, or any coupon with a GS1 coupon number (GCN), whatever its serial. */
export const couponSchema = z
  .strictObject({
    code: z.string().min(1).max(COUPON_CODE_MAX).optional(),
    /** The 13 digits of the GCN, check digit included (GS1 General Specifications, AI 255). */
    gcn: z
      .string()
      .regex(/^\d{13}$/)
      .optional(),
    /**
     * `single`: each code works once, `times`: so often over the whole chain; their holder is asked. `unlimited`: printed
     * in the leaflet. Coupons of a GCN are counted by serial. A return gives no use back.
     */
    uses: z.union(
      [
        z.enum(['single', 'unlimited']),
        z.strictObject({ times: z.int().min(1).max(COUPON_MAX_TIMES) }),
      ],
      { error: `single, unlimited or { times: 1-${COUPON_MAX_TIMES} }` },
    ),
  })
  .refine(({ code, gcn }) => (code === undefined) !== (gcn === undefined), {
    error: 'give either `code` or `gcn`',
    path: ['code'],
  });

const ruleFields = {
  id: ruleIdSchema,
  version: z.int().min(1).default(1),
  /** The rule's name for people: screen, receipt, handbook. */
  name: authoredTextSchema,
  lane: laneSchema,
  /** Inside a lane: groups of one step share the base, a later step sees what is left. */
  step: z.int().min(0).max(10_000).default(1),
  /** Of a group in one step there is one winner; absent = the rule alone. */
  group: z.string().min(1).max(64).optional(),
  /** Lower goes first where discounts are equal. */
  priority: z.int().min(-1_000_000).max(1_000_000).default(0),
  /** Lanes whose other rules are silent when this one applies. */
  exclusive: z.array(laneSchema).max(7).default([]),
  /** CEL text in the closed profile; absent = always. */
  when: z.string().max(CONDITION_MAX_CHARS).default(''),
  /** Named selectors for `qty("name")` and its siblings. */
  select: z
    .record(z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/), selectorSchema)
    .refine(
      (select) => Object.keys(select).length <= RULE_MAX_SELECTORS,
      `at most ${RULE_MAX_SELECTORS} selectors`,
    )
    .default({}),
  /** What the effect computes from: what is left, or the list price. */
  base: z.enum(['list', 'running']).default('running'),
  effect: effectSchema,
  caps: z
    .strictObject({
      discountMinor: amountMinorSchema.min(1).optional(),
      points: z.int().min(1).max(1_000_000_000).optional(),
    })
    .default({}),
  /** Campaign money: where this discount would exceed it, the whole benefit is refused. */
  budget: z
    .strictObject({ id: z.string().min(1).max(64), limitMinor: amountMinorSchema })
    .optional(),
  /** A scarce benefit: one use is taken from the store's allotment. */
  allotment: z.strictObject({ id: z.string().min(1).max(64) }).optional(),
  limits: z
    .array(z.strictObject({ scope: limitScopeSchema, max: z.int().min(1).max(1_000_000_000) }))
    .max(RULE_MAX_LIMITS)
    .default([]),
  coupon: couponSchema.optional(),
  /** A voucher of a partner, in place of a coupon: each works once. */
  voucher: ruleVoucherSchema.optional(),
  /** Who pays. */
  funding: z.enum(['brand', 'store', 'partner']).default('store'),
  /** Kept goods that no longer pass the gate: leave the discount or compute the sale again. */
  returnPolicy: z.enum(['keep', 'recompute']).default('keep'),
  rounding: z.enum(['half-up', 'down']).default('half-up'),
  window: windowSchema.optional(),
};

/** A rule as an author writes it. */
export const ruleSourceSchema = z.strictObject({
  ...ruleFields,
  target: selectorRefSchema.default({}),
});
export type RuleSourceRule = z.infer<typeof ruleSourceSchema>;

/** A rule as published: named selectors resolved, the condition checked and in tree form beside its text. */
export const ruleSchema = z.strictObject({
  ...ruleFields,
  group: z.string().min(1).max(64),
  target: selectorSchema,
  /** null = always. */
  condition: conditionSchema.nullable(),
});
export type Rule = z.infer<typeof ruleSchema>;

const setFields = {
  ruleSet: ruleSetIdSchema,
  version: z.int().min(1),
  currency: currencySchema,
  /** Zone for stores that name none. */
  timeZone: timeZoneSchema.optional(),
  points: z
    .strictObject({
      /** Days until a lot of points expires; absent = never. */
      lotValidDays: z.int().min(1).max(3_660).optional(),
      /** Days until earned points can be spent, so that the return window is over; absent = at once. */
      pendingDays: z.int().min(1).max(3_660).optional(),
    })
    .default({}),
  returns: z
    .strictObject({
      /** Business days after the sale's own on which goods may come back; 0 = that day only, absent = always. */
      windowDays: z.int().min(0).max(3_660).optional(),
    })
    .optional(),
  /** Whose vouchers the tills take; absent = nobody's. */
  partners: z.array(partnerSchema).max(PARTNERS_MAX).optional(),
  policy: policySchema.optional(),
};

/** A rule file (YAML or JSON) as authors keep it. */
export const ruleSourceFileSchema = z.strictObject({
  ...setFields,
  /** Scenes 场景: weekends, festivals, member days. Absent = no rule can read them. */
  calendar: calendarSourceSchema.optional(),
  rules: z.array(ruleSourceSchema).max(RULE_SET_MAX_RULES),
});
export type RuleSource = z.infer<typeof ruleSourceFileSchema>;
/** A rule file before defaults are filled in: what programs that write rule files produce. */
export type RuleSourceInput = z.input<typeof ruleSourceFileSchema>;

/** A published rule set: the payload of the signed document {@link RULE_SET_SCHEMA}. */
export const ruleSetSchema = z.strictObject({
  ...setFields,
  calendar: calendarSchema.optional(),
  rules: z.array(ruleSchema).max(RULE_SET_MAX_RULES),
});
export type RuleSet = z.infer<typeof ruleSetSchema>;
