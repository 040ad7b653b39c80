import { z } from 'zod';
import { evaluationSchema, ruleOutcomeSchema } from './evaluation.ts';
import { evaluationIdSchema, ruleIdSchema } from './ids.ts';
import { evaluationStateSchema } from './ledger.ts';
import { amountMinorSchema } from './money.ts';
import { textSchema } from './text.ts';

/** Near misses that one answer tells; more would be a catalogue. */
export const NEAR_MISSES_MAX = 10;

/** A benefit that only wants more in the basket, and what it would give. */
export const nearMissSchema = z.object({
  ruleId: ruleIdSchema,
  name: textSchema,
  /** What is missing: money in minor units, or units of articles. */
  unit: z.enum(['money', 'units']),
  missing: z.int().min(1),
  /** Minor units off beyond what the basket gets already; absent where only the larger basket can tell. */
  gainMinor: amountMinorSchema.optional(),
  text: textSchema,
});
export type NearMiss = z.infer<typeof nearMissSchema>;

/** Answer of `why`: how each benefit of a past or present basket ended, with the reason. */
export const whyReplySchema = z.object({
  evaluationId: evaluationIdSchema,
  state: evaluationStateSchema,
  ruleSetVersion: evaluationSchema.shape.ruleSetVersion,
  /** false: evaluating the sale again gave something else than was booked; the reasons are those of the replay. */
  reproduced: z.boolean(),
  /** The ones that cost least for what they give first. */
  nearMisses: z.array(nearMissSchema).max(NEAR_MISSES_MAX),
  outcomes: z.array(ruleOutcomeSchema),
});
export type WhyReply = z.infer<typeof whyReplySchema>;
