import { z } from 'zod';
import { MEMBER_MAX_PASS_KEYS, passCard, passKeySchema, walletSecretSchema } from './credential.ts';
import { lotIdSchema, memberIdSchema, saleIdSchema, storeIdSchema } from './ids.ts';
import { amountMinorSchema, pointsBalanceSchema, pointsSchema } from './money.ts';
import { daySchema, instantSchema } from './time.ts';

export const MEMBER_MAX_TAGS = 500;
export const MEMBER_MAX_GROUPS = 50;
export const MEMBER_MAX_CARDS = 8;
export const MEMBER_MAX_ENTITLEMENTS = 50;

/** Months of spend that a member carries: the running one and a year before it. */
export const MEMBER_MAX_MONTHS = 13;

/** `YYYY-MM` */
export const monthSchema = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/);
/** Where a purchase was made. */
export const channelSchema = z.enum(['store', 'online', 'app']);
export type Channel = z.infer<typeof channelSchema>;

/** One step of the `tiers` setting: from this spend of a year on, a member has at least this tier. */
export const tierStepSchema = z.object({
  tier: z.string().min(1).max(32),
  yearSpendMinorFrom: amountMinorSchema,
});
export type TierStep = z.infer<typeof tierStepSchema>;
/** Steps of the `tiers` setting. */
export const TIER_STEPS_MAX = 50;
export const tierStepsSchema = z.array(tierStepSchema).max(TIER_STEPS_MAX);

export const memberStatusSchema = z.enum(['active', 'blocked', 'expired', 'merged']);
export type MemberStatus = z.infer<typeof memberStatusSchema>;

/** A right that is not money: `priority-lane`, `parking`, `event` ... */
export const entitlementSchema = z.object({
  kind: z.string().min(1).max(32),
  validUntil: daySchema.optional(),
  /** Only at these stores; absent = everywhere. */
  storeIds: z.array(storeIdSchema).max(200).optional(),
  /** The sale that gave it, with which it ends where the goods come back; absent = given by hand. */
  saleId: saleIdSchema.optional(),
});
export type Entitlement = z.infer<typeof entitlementSchema>;

/** A member as the till's cache holds them. Personal data: only in the encrypted database. */
export const memberSchema = z.object({
  memberId: memberIdSchema,
  name: z.string().min(1).max(80),
  phone: z
    .string()
    .regex(/^\+?\d{6,15}$/)
    .optional(),
  /** Static card numbers, digits or the chain's own form. */
  cards: z.array(z.string().min(4).max(32)).max(MEMBER_MAX_CARDS).default([]),
  /** GS1 Global Service Relation Number, 18 digits. */
  gsrn: z
    .string()
    .regex(/^\d{18}$/)
    .optional(),
  /** Keys of the member's passes, each of which finds them as a card does; a key taken back is not here. */
  passKeys: z.array(passKeySchema).max(MEMBER_MAX_PASS_KEYS).optional(),
  /** Secret of the wallet card's TOTP; absent = none was given out. */
  walletSecret: walletSecretSchema.optional(),
  /** Member tier 会员等级. */
  tier: z.string().min(1).max(32),
  groups: z.array(z.string().min(1).max(64)).max(MEMBER_MAX_GROUPS).default([]),
  tags: z.array(z.string().min(1).max(64)).max(MEMBER_MAX_TAGS).default([]),
  status: memberStatusSchema.default('active'),
  mergedInto: memberIdSchema.optional(),
  validUntil: daySchema.optional(),
  birthday: daySchema.optional(),
  homeStoreId: storeIdSchema.optional(),
  completedOrders: z.int().min(0).default(0),
  /** Spend of the running year in minor units, as HQ last counted it. */
  yearSpendMinor: amountMinorSchema.default(0),
  /** Spend by calendar month `YYYY-MM` of the business day, as HQ last counted it; a month without spend may be absent. */
  monthSpendMinor: z
    .record(monthSchema, amountMinorSchema)
    .refine(
      (months) => Object.keys(months).length <= MEMBER_MAX_MONTHS,
      `at most ${MEMBER_MAX_MONTHS} months`,
    )
    .optional(),
  /** Business day of the last purchase by channel; absent = none known. */
  lastPurchaseOn: z.partialRecord(channelSchema, daySchema).optional(),
  entitlements: z.array(entitlementSchema).max(MEMBER_MAX_ENTITLEMENTS).default([]),
  /** When HQ last changed this row. */
  updatedAt: instantSchema,
});
export type Member = z.infer<typeof memberSchema>;

/** Everything by which a member is found as by a card: card numbers, and the keys of their passes. */
export function findingCards({
  cards,
  passKeys = [],
}: Pick<Member, 'cards' | 'passKeys'>): string[] {
  return [...cards, ...passKeys.map(({ keyId }) => passCard(keyId))];
}

/** The category of points that every purchase may be paid from. */
export const BASE_BUCKET = 'base';

/** Points of one origin with one expiry day 积分批次. */
export const pointsLotSchema = z.object({
  lotId: lotIdSchema,
  memberId: memberIdSchema,
  /** Points left in the lot. */
  points: pointsSchema,
  earnedAt: instantSchema,
  /** The last day on which they can be spent; absent = for ever. */
  expiresOn: daySchema.optional(),
  /** The first day on which they can be spent; absent = at once. */
  availableOn: daySchema.optional(),
  channel: channelSchema.default('store'),
  /** Category-scoped points; `base` is spendable on everything. */
  bucket: z.string().min(1).max(32).default('base'),
  source: z.string().min(1).max(64),
});
export type PointsLot = z.infer<typeof pointsLotSchema>;

/** What a screen and a POS may see of a member: the name masked, no full phone, no card. */
export const memberGlanceSchema = z.object({
  memberId: memberIdSchema,
  maskedName: z.string(),
  phoneLast4: z.string().optional(),
  tier: z.string(),
  status: memberStatusSchema,
  /** Spendable points of every category, less what is owed; negative while more is owed than there is. */
  points: pointsBalanceSchema,
  /** Points that wait for the end of their return window (absent = none), and the first day on which some come free. */
  pointsPending: z.int().min(1).optional(),
  firstAvailableOn: daySchema.optional(),
  /** Points that expire within 30 days, and the first day on which some do. */
  pointsExpiringSoon: z.int().min(0),
  firstExpiryOn: daySchema.optional(),
  tags: z.array(z.string()),
  entitlements: z.array(entitlementSchema),
  birthdayToday: z.boolean(),
  yearSpendMinor: amountMinorSchema,
  /** Member data as of. */
  updatedAt: instantSchema,
});
export type MemberGlance = z.infer<typeof memberGlanceSchema>;
