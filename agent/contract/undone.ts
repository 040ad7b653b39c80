import { z } from 'zod';
import { ID_MAX_LENGTH, ruleIdSchema, skuSchema } from './ids.ts';
import { amountMinorSchema, POINTS_MAX } from './money.ts';

/** Lots that one sale moves, at most. */
export const SALE_MAX_MOVEMENTS = 10_000;

/** Gifts that one sale gives, at most: one of every rule. */
export const SALE_MAX_GIFTS = 10_000;

const lineKey = z.string().min(1).max(ID_MAX_LENGTH);
const units = z.int().min(0).max(10_000);
const points = z.record(z.string().min(1).max(32), z.int().min(0).max(POINTS_MAX));

/**
 * What one return undid of its sale, or all of them together: the next one goes on from there, at whichever till. It
 * names nobody, so it stays readable when the member is erased.
 */
export const undoneSchema = z.strictObject({
  /** Units that came back, by line. */
  units: z.record(lineKey, units),
  /** Paid back for the goods; what was kept for gifts that did not come is not taken off. */
  refundMinor: amountMinorSchema,
  /** Earned points taken back, by category. */
  earned: points,
  /** Spent points given back, by category. */
  spent: points,
  /** Pieces of gifts that were brought back or paid for. */
  gifts: z
    .array(z.strictObject({ ruleId: ruleIdSchema, sku: skuSchema, qty: z.int().min(0) }))
    .max(SALE_MAX_GIFTS),
  /** Points undone of each movement of the sale, in their order; absent where the sale moved none. */
  moves: z.array(z.int().min(0).max(POINTS_MAX)).max(SALE_MAX_MOVEMENTS).optional(),
});
export type Undone = z.infer<typeof undoneSchema>;
