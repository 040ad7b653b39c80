import { z } from 'zod';
import { evaluationIdSchema, memberIdSchema } from '../../agent/contract/ids.ts';
import { COUPON_MAX_TIMES } from '../../agent/contract/rules.ts';
import { instantSchema } from '../../agent/contract/time.ts';

/** Reservations that one till may have open at a time. */
export const ALLOWANCES_OPEN_MAX = 1_000;

export const reserveRequestSchema = z.strictObject({
  /** The same id twice reserves once. */
  allowanceId: z.string().min(1).max(128),
  memberId: memberIdSchema.nullable(),
  evaluationId: evaluationIdSchema,
  /** What this held evaluation of the same till reserved counts as free. */
  replaces: evaluationIdSchema.optional(),
  what: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('points'),
      points: z.int().min(1).max(1_000_000_000),
      /** Category of the points; absent = `base`, so that a headquarters that knows no categories is asked as before. */
      bucket: z.string().min(1).max(32).optional(),
    }),
    z.strictObject({
      kind: z.literal('coupon'),
      code: z.string().min(1).max(64),
      /** Uses over the chain; absent = 1, so that a headquarters that counts none is asked as before. */
      times: z.int().min(1).max(COUPON_MAX_TIMES).optional(),
    }),
  ]),
  holdUntil: instantSchema,
});
export const reserveReplySchema = z.strictObject({
  granted: z.boolean(),
  /** Points left, or 1 and 0 for a coupon. */
  available: z.int().min(0),
});

/**
 * Which reservations a till still stands by. HQ gives all others of this incarnation back that it made before `before`,
 * so that a crash between the answer and the till's own record leaves nothing locked for ever.
 */
export const reconcileRequestSchema = z.strictObject({
  incarnation: z.string().min(8).max(64),
  open: z.array(z.string().min(1).max(128)).max(ALLOWANCES_OPEN_MAX),
  /** HQ's own time, as its last session reply told it. */
  before: instantSchema,
});
export const reconcileReplySchema = z.strictObject({ released: z.int().min(0) });
