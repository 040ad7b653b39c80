import { z } from 'zod';
import { credentialUseSchema } from './credential.ts';
import { ID_MAX_LENGTH, memberIdSchema } from './ids.ts';
import {
  channelSchema,
  entitlementSchema,
  MEMBER_MAX_ENTITLEMENTS,
  pointsLotSchema,
} from './member.ts';
import { COUPON_MAX_TIMES } from './rules.ts';
import { daySchema } from './time.ts';
import { undoneSchema } from './undone.ts';

/** What an entry means for the chain's books, beside the sealed body: written in the entry's own transaction. */
export const entryFactsSchema = z.strictObject({
  memberId: memberIdSchema.nullable(),
  /** Movements of points in the order in which they were booked, each with the lot that it made where it made one. */
  movements: z
    .array(
      z.strictObject({
        lotId: z.string().min(1).max(128),
        delta: z.int(),
        lot: pointsLotSchema.omit({ memberId: true, lotId: true, points: true }).optional(),
      }),
    )
    .max(10_000),
  /** Single-use coupons that were used. They stay used, also where the goods come back. */
  couponsUsed: z.array(z.string().max(64)).max(1_000),
  /** Of those, the ones good for several uses over the chain, with how many: another's use is no second one. */
  couponTimes: z.record(z.string().max(64), z.int().min(2).max(COUPON_MAX_TIMES)).optional(),
  /** Still sent by outboxes that were filled before it was found to say nothing; not read. */
  couponsReturned: z.array(z.string().max(64)).max(1_000).optional(),
  /** Reservations at HQ that this entry settles. */
  allowanceIds: z.array(z.string().max(128)).max(1_000),
  /** What counts for the member's spend of the year and the month; negative for a return. */
  spendMinor: z.int(),
  /** Completed orders: 1 for a sale, -1 where a sale was undone whole, else 0. */
  orders: z.int().min(-1).max(1),
  /** Of a return: the business day of its sale, for which its spend counts; absent = the entry's own. */
  saleDay: daySchema.optional(),
  /** Of a return: what it undid, so that the next one goes on from there at whichever till; absent in older entries. */
  undone: undoneSchema.optional(),
  /** Of a return: units bought of the lines that came back, so that units returned twice are found. */
  bought: z.record(z.string().min(1).max(ID_MAX_LENGTH), z.int().min(1).max(10_000)).optional(),
  /**
   * Of a return: units of the sale that its till knew to be back before, by line. Headquarters finds by it that two tills
   * worked on without knowing of each other; absent in older entries.
   */
  before: z.record(z.string().min(1).max(ID_MAX_LENGTH), z.int().min(0).max(10_000)).optional(),
  /** Of a sale: which code of the member's pass or wallet card named them, so that the same code taken at two tills is found. */
  credential: credentialUseSchema.optional(),
  /** Where the purchase was made; absent = in the store. */
  channel: channelSchema.optional(),
  /** Of a sale: rights that it gave the member. They end where it comes back whole. */
  entitlements: z
    .array(entitlementSchema.omit({ saleId: true }))
    .min(1)
    .max(MEMBER_MAX_ENTITLEMENTS)
    .optional(),
  /** Of a sale: the tier that its rules found reached, to be confirmed by the monthly run. */
  tierAfter: z.string().min(1).max(32).optional(),
  ruleUses: z
    .array(
      z.strictObject({
        ruleId: z.string().max(64),
        day: daySchema,
        uses: z.int(),
        budgetId: z.string().max(64).nullable(),
        amountMinor: z.int(),
      }),
    )
    .max(10_000),
});
export type EntryFacts = z.infer<typeof entryFactsSchema>;

/** What is known when the entry is written; the movements are read from their own table when it is sent. */
export type EntryFactsWritten = Omit<EntryFacts, 'movements'>;
