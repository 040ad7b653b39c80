import { z } from 'zod';
import { skuSchema } from './ids.ts';
import { amountMinorSchema, basisPointsSchema } from './money.ts';

export const SELECTOR_MAX_VALUES = 5_000;
export const EFFECT_MAX_STEPS = 50;
export const MEMBER_PRICE_MAX_ROWS = 20_000;
/** Most times one deal may repeat in one basket. */
export const DEAL_MAX_APPLICATIONS = 1_000;
/** Most times that an amount off for every full amount may be limited to. */
export const EVERY_AMOUNT_MAX_TIMES = 1_000_000;
/** Months in a row that a ladder asks for. */
export const LADDER_MIN_MONTHS = 2;
export const LADDER_MAX_MONTHS = 12;
export const LADDER_MAX_ENTITLEMENTS = 10;
export const BUNDLE_MIN_PARTS = 2;
export const BUNDLE_MAX_PARTS = 20;

/** Chooses basket lines; every given key must hold, a list holds when it contains the line's value. */
export const selectorSchema = z.strictObject({
  sku: z.array(skuSchema).min(1).max(SELECTOR_MAX_VALUES).optional(),
  category: z.array(z.string().min(1).max(64)).min(1).max(SELECTOR_MAX_VALUES).optional(),
  /** The line carries at least one of these article attributes. */
  attributes: z.array(z.string().min(1).max(64)).min(1).max(64).optional(),
  /** Inclusive bounds on the list price of one unit. */
  unitPriceMin: amountMinorSchema.optional(),
  unitPriceMax: amountMinorSchema.optional(),
  /** Leaves out lines whose shelf price is already a reduced one. */
  notAlreadyDiscounted: z.literal(true).optional(),
});
export type Selector = z.infer<typeof selectorSchema>;

/** A selector in place, or the name of one under the rule's `select`. */
export const selectorRefSchema = z.union([z.string().min(1).max(64), selectorSchema]);

const percentBp = basisPointsSchema.min(1);
const amountMinor = amountMinorSchema.min(1);
const units = z.int().min(1).max(10_000);
const maxUnitsPerLine = units.optional();
const percentStep = z.strictObject({ fromMinor: amountMinorSchema, percentBp });
const amountStep = z.strictObject({ fromMinor: amountMinorSchema, amountMinor });
const tierStep = z.strictObject({ tier: z.string().min(1).max(32), fromMinor: amountMinorSchema });
const counted = z.strictObject({ target: selectorSchema.default({}), qty: units });

/**
 * The closed list of effects. Values are integers: minor units, basis points, units or points; no effect computes an
 * amount from expression text. `...-items` effects work line by line, `...-order` effects on the sum of their lines.
 */
export const effectSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('percent-off-items'), percentBp, maxUnitsPerLine }),
  z.strictObject({ kind: z.literal('fixed-off-items'), amountMinor, maxUnitsPerLine }),
  z.strictObject({ kind: z.literal('percent-off-order'), percentBp }),
  z.strictObject({ kind: z.literal('fixed-off-order'), amountMinor }),
  z.strictObject({
    kind: z.literal('member-price'),
    /** Price per unit by article; a row with a tier holds for that member tier only. The lowest that fits counts. */
    prices: z
      .array(
        z.strictObject({
          sku: skuSchema,
          tier: z.string().min(1).max(32).optional(),
          unitPriceMinor: amountMinorSchema,
        }),
      )
      .min(1)
      .max(MEMBER_PRICE_MAX_ROWS),
  }),
  z.strictObject({
    kind: z.literal('every-amount-off'),
    /** For each full `everyMinor` of the target lines together, `amountMinor` off. */
    everyMinor: amountMinor,
    amountMinor,
    /** Most times in one basket; absent = as often as the amount is reached. */
    maxTimes: z.int().min(1).max(EVERY_AMOUNT_MAX_TIMES).optional(),
  }),
  z.strictObject({
    kind: z.literal('percent-off-cheapest-unit'),
    percentBp,
    /** How many of the cheapest units are reduced. */
    units: units.default(1),
    /** `units` for each full count of so many units that cost something; absent = once, whatever the count. */
    perUnits: units.optional(),
  }),
  z.strictObject({
    kind: z.literal('tiered-percent-items'),
    /** Below the first step; 0 = nothing. */
    basePercentBp: basisPointsSchema,
    steps: z.array(percentStep).max(EFFECT_MAX_STEPS),
  }),
  z.strictObject({
    kind: z.literal('tiered-fixed-order'),
    baseAmountMinor: amountMinorSchema,
    steps: z.array(amountStep).max(EFFECT_MAX_STEPS),
  }),
  z.strictObject({
    kind: z.literal('quantity-groups'),
    groupSize: units,
    /** Exactly one of the two. */
    percentBp: percentBp.optional(),
    amountPerUnitMinor: amountMinor.optional(),
  }),
  z.strictObject({
    kind: z.literal('buy-x-get-y'),
    buy: counted,
    get: z.strictObject({
      target: selectorSchema.default({}),
      qty: units,
      percentBp,
      pick: z.enum(['most-expensive', 'cheapest']),
    }),
    maxApplications: z.int().min(1).max(DEAL_MAX_APPLICATIONS).default(DEAL_MAX_APPLICATIONS),
  }),
  z.strictObject({
    kind: z.literal('bundle'),
    /** What makes one set. A unit serves one part and parts choose in this order: write the narrower part first. */
    parts: z.array(counted).min(BUNDLE_MIN_PARTS).max(BUNDLE_MAX_PARTS),
    /** Exactly one of the three: price of one set, percentage off all sets, amount off one set. */
    priceMinor: amountMinorSchema.optional(),
    percentBp: percentBp.optional(),
    amountMinor: amountMinor.optional(),
    maxApplications: z.int().min(1).max(DEAL_MAX_APPLICATIONS).default(DEAL_MAX_APPLICATIONS),
  }),
  z.strictObject({
    /** The face value of the partner voucher that the rule asks for, off the target lines together. */
    kind: z.literal('voucher-value'),
  }),
  z.strictObject({
    kind: z.literal('points-redeem'),
    /** What one point pays. */
    minorPerPoint: amountMinor,
    minPoints: z.int().min(0).max(1_000_000_000).default(0),
    /**
     * Which points pay. One request is served by the rules in the order of their lanes and steps, so a rule of a
     * category stands in an earlier step than the rule of `base`, which pays for everything.
     */
    bucket: z.string().min(1).max(32).default('base'),
  }),
  z.strictObject({
    kind: z.literal('points-earn'),
    /** `net`: what is left to pay after every discount and points spent; `gross`: list price. */
    basis: z.enum(['net', 'gross']).default('net'),
    perMinor: amountMinor,
    points: z.int().min(1).max(1_000_000),
    /** Points of a category of their own; `base` is spendable on everything. */
    bucket: z.string().min(1).max(32).default('base'),
    /** Days until these points can be spent, 0 = at once; absent = as the rule set says. */
    pendingDays: z.int().min(0).max(3_660).optional(),
  }),
  z.strictObject({
    kind: z.literal('points-multiplier'),
    /** 20,000 = double points. Factors of several groups are multiplied. */
    factorBp: z.int().min(1).max(1_000_000),
  }),
  z.strictObject({
    kind: z.literal('entitlement'),
    /** The right given, e.g. `priority-lane`. */
    entitlement: z.string().min(1).max(32),
    validDays: z.int().min(1).max(3_660).optional(),
  }),
  z.strictObject({
    kind: z.literal('gift-item'),
    buy: counted,
    gift: z.strictObject({
      sku: skuSchema,
      qty: units,
      /** What is to be paid for each piece that does not come back when the goods do. */
      valueMinor: amountMinorSchema.optional(),
    }),
    /** Once per `buy.qty` units instead of once per basket. */
    repeat: z.boolean().default(false),
  }),
  z.strictObject({
    kind: z.literal('spend-tier'),
    steps: z.array(tierStep).min(1).max(EFFECT_MAX_STEPS),
  }),
  z.strictObject({
    kind: z.literal('month-ladder'),
    /** So many calendar months in a row, the running one with this sale included, each reach `fromMinor`. */
    months: z.int().min(LADDER_MIN_MONTHS).max(LADDER_MAX_MONTHS),
    fromMinor: amountMinor,
    tier: z.string().min(1).max(32),
    /** Rights that come with the tier. */
    entitlements: z
      .array(
        z.strictObject({
          entitlement: z.string().min(1).max(32),
          validDays: z.int().min(1).max(3_660).optional(),
        }),
      )
      .max(LADDER_MAX_ENTITLEMENTS)
      .default([]),
  }),
  z.strictObject({
    kind: z.literal('donation'),
    /** What the chain gives to; shown to the shopper as it stands here. */
    cause: z.string().min(1).max(64),
    /** For each full `perMinor` that is left to pay of the target lines the chain gives `amountMinor`. */
    perMinor: amountMinor,
    amountMinor,
  }),
]);
export type Effect = z.infer<typeof effectSchema>;
export type EffectKind = Effect['kind'];

/** Every effect that this version computes. */
export const EFFECT_KINDS: readonly EffectKind[] = effectSchema.options.map(
  (option) => option.shape.kind.value,
);
