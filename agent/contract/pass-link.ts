import { z } from 'zod';
import { decisionSchema } from './decision.ts';
import { instantSchema } from './time.ts';

/**
 * What came of asking for a code that links a phone as a member's pass: the code and the address that the phone opens; or
 * that the proof given is not enough, because a pass proves more than the card or phone number by which it was asked for.
 */
export const passLinkSchema = z.discriminatedUnion('outcome', [
  z.object({
    outcome: z.literal('code'),
    code: z.string().min(1).max(32),
    url: z.url().max(400),
    expiresAt: instantSchema,
  }),
  z.object({ outcome: z.literal('proof-needed'), decision: decisionSchema }),
]);
export type PassLink = z.infer<typeof passLinkSchema>;
