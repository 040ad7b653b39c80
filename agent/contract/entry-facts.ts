import { z } from 'zod';
import { memberIdSchema } from './ids.ts';
import { pointsLotSchema } from './member.ts';
import { daySchema } from './time.ts';

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
  /** Still sent by outboxes that were filled before it was found to say nothing; not read. */
  couponsReturned: z.array(z.string().max(64)).max(1_000).optional(),
  /** Reservations at HQ that this entry settles. */
  allowanceIds: z.array(z.string().max(128)).max(1_000),
  /** What counts for the member's spend of the year; negative for a return. */
  spendMinor: z.int(),
  /** Completed orders: 1 for a sale, -1 where a sale was undone whole, else 0. */
  orders: z.int().min(-1).max(1),
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
