import { z } from 'zod';
import { calendarSourceSchema, weatherSettingSchema } from '../../contract/calendar.ts';
import { couponStateSchema } from '../../contract/evaluation-input.ts';
import { channelSchema, monthSchema } from '../../contract/member.ts';
import { limitScopeSchema } from '../../contract/rules.ts';
import { daySchema } from '../../contract/time.ts';

const bucket = z.string().min(1).max(32);
const points = z.int();
const pointsBy = z.record(z.string(), points);

/** Points of a member before the sale, one lot a row. */
const lotSchema = z.strictObject({
  id: z.string().min(1).max(100),
  points,
  earnedOn: daySchema.optional(),
  expiresOn: daySchema.optional(),
  availableOn: daySchema.optional(),
  bucket: bucket.default('base'),
});

/** What the extension adds to a member. */
export const memberExtension = {
  tier: z.string().optional(),
  tags: z.array(z.string()).optional(),
  birthday: daySchema.optional(),
  yearSpendMinor: z.int().min(0).optional(),
  monthSpendMinor: z.record(monthSchema, z.int().min(0)).optional(),
  lastPurchaseOn: z.partialRecord(channelSchema, daySchema).optional(),
  pointsByBucket: pointsBy.optional(),
  /** Instead of `pointsBalance` and `pointsByBucket`. */
  lots: z.array(lotSchema).optional(),
};

/** What the extension adds to a benefit; the publisher checks what is passed on as it is. */
export const benefitExtension = {
  lane: z.string().optional(),
  step: z.int().optional(),
  group: z.string().optional(),
  /** A condition as rule files have it, beside `when`. */
  expression: z.string().optional(),
  select: z.record(z.string(), z.unknown()).optional(),
  exclusiveLanes: z.array(z.string()).optional(),
  caps: z.unknown().optional(),
  limits: z
    .array(
      z.strictObject({ scope: limitScopeSchema, max: z.int(), used: z.int().min(0).default(0) }),
    )
    .optional(),
  allotment: z.string().optional(),
  coupon: z.unknown().optional(),
  voucher: z.unknown().optional(),
  window: z.unknown().optional(),
  onReturn: z.enum(['keep', 'recompute']).optional(),
};

/** What the extension adds to what is expected of a sale. */
export const expectExtension = {
  pointsEarnedByBucket: pointsBy.optional(),
  pointsSpentByBucket: pointsBy.optional(),
  /** Days until they can be spent, by category of points; 0 = at once. */
  pendingDaysByBucket: pointsBy.optional(),
  /** Earned points by line. */
  linePoints: pointsBy.optional(),
  entitlements: z.array(z.string()).optional(),
  donations: z.record(z.string(), z.int()).optional(),
  couponsUsed: z.array(z.string()).optional(),
  allotmentsTaken: z.array(z.string()).optional(),
  budgetsTaken: z.record(z.string(), z.int()).optional(),
  sceneTags: z.array(z.string()).optional(),
  birthdayToday: z.boolean().optional(),
  /** Points left in each lot after the sale and its returns; lots of the sale are called `sale.BUCKET`. */
  lots: pointsBy.optional(),
  /** Spendable points after the sale and its returns, less what is owed. */
  balance: points.optional(),
  /** One entry for each of `returns`. */
  returns: z
    .array(
      z.strictObject({
        refundMinor: z.int().optional(),
        /** The stored paid share of the units, before anything is taken back. */
        paidMinor: z.int().optional(),
        /** Discount that the kept goods lose, or gain. */
        takenBackMinor: z.int().optional(),
        addedMinor: z.int().optional(),
        /** The units' part of what was given to good causes. */
        donatedBackMinor: z.int().optional(),
        giftsMinor: z.int().optional(),
        pointsClawedBack: points.optional(),
        pointsGivenBack: points.optional(),
        giftsDue: z.record(z.string(), z.int()).optional(),
        mode: z.string().optional(),
        /** Why the return is refused. */
        error: z.string().optional(),
      }),
    )
    .optional(),
};

/** What the extension adds to a case. */
export const caseExtension = {
  /** How the expected figures were found, in plain words. */
  working: z.string().optional(),
  channel: channelSchema.optional(),
  store: z
    .strictObject({
      id: z.string().optional(),
      tier: z.string().optional(),
      timeZone: z.string().optional(),
      dayEndsAtMinute: z.int().min(0).max(719).optional(),
    })
    .optional(),
  calendar: calendarSourceSchema.optional(),
  weather: weatherSettingSchema.optional(),
  /** Rules for points and returns of the whole set, as in a rule file. */
  points: z.unknown().optional(),
  returnRules: z.unknown().optional(),
  partners: z.unknown().optional(),
  /** Points that the member asks to spend, where no benefit of the plain format says so. */
  spendPoints: z.int().min(0).optional(),
  /** false: the holder of the points cannot be asked. */
  pointsReachable: z.boolean().optional(),
  coupons: z.record(z.string(), couponStateSchema).optional(),
  /** Vouchers, by name, that were used before; false: nobody can say which were. */
  usedVouchers: z.array(z.string()).optional(),
  vouchersReachable: z.boolean().optional(),
  /** Uses left by allotment; null = its holder cannot be asked. */
  allotments: z.record(z.string(), z.int().nullable()).optional(),
  /** Returns after the sale, in order. */
  returns: z
    .array(
      z.strictObject({
        lines: z.record(z.string(), z.int()),
        /** Gifts that come back. */
        gifts: z.record(z.string(), z.int()).optional(),
      }),
    )
    .optional(),
};
