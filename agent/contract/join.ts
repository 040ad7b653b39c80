import { z } from 'zod';
import { memberIdSchema, staffIdSchema } from './ids.ts';
import { daySchema, instantSchema } from './time.ts';

/** Someone who joined at a till, with the consent that was given there. */
export const joinFactsSchema = z.strictObject({
  provisionalId: memberIdSchema,
  phone: z.string().regex(/^\+?\d{6,15}$/),
  name: z.string().min(1).max(80).optional(),
  birthday: daySchema.optional(),
  consentVersion: z.string().min(1).max(32),
  /** Where the shopper agreed: on the customer's screen, on paper, or told the cashier. */
  consentChannel: z.enum(['customer-screen', 'paper', 'spoken']),
  staffId: staffIdSchema,
  at: instantSchema,
});
export type JoinFacts = z.infer<typeof joinFactsSchema>;
