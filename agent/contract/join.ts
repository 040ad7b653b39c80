import { z } from 'zod';
import { identificationSchema } from './identification.ts';
import { basketIdSchema, memberIdSchema, staffIdSchema } from './ids.ts';
import { freeTextSchema } from './text.ts';
import { daySchema, instantSchema } from './time.ts';

/** What headquarters sets for joining at a till, the row `join` of its settings: what a shopper agrees to, and as what they join. */
export const joinSettingSchema = z.object({
  consentVersion: z.string().min(1).max(32),
  consentText: z.object({ 'zh-CN': z.string().max(4_000), en: z.string().max(4_000) }),
  tier: z.string().min(1).max(32),
});
export type JoinSetting = z.infer<typeof joinSettingSchema>;

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

/** Who wants to join, as the POS or the cashier's screen sends it. */
export const joinRequestSchema = joinFactsSchema
  .pick({ phone: true, name: true, birthday: true, consentVersion: true, consentChannel: true })
  .extend({
    name: freeTextSchema(80).min(1).optional(),
    consentVersion: freeTextSchema(32).min(1),
    /** Identifies the new member for this basket at once. */
    basketId: basketIdSchema.optional(),
    staffId: staffIdSchema.optional(),
  });
export type JoinRequest = z.infer<typeof joinRequestSchema>;

export const joinReplySchema = z.object({
  /** Absent where several members have this number: one of the identification's candidates is chosen. */
  memberId: memberIdSchema.optional(),
  /** `false`: this phone belongs to a member already, who is identified instead. */
  joined: z.boolean(),
  identification: identificationSchema,
});
export type JoinReply = z.infer<typeof joinReplySchema>;

/** Longest consent text, in characters of one language. */
export const CONSENT_TEXT_MAX = 4_000;

/** What a shopper agrees to when joining. */
export const joinConsentSchema = z.object({
  consentVersion: z.string().min(1).max(32),
  consentText: z.object({
    'zh-CN': z.string().max(CONSENT_TEXT_MAX),
    en: z.string().max(CONSENT_TEXT_MAX),
  }),
});
export type JoinConsent = z.infer<typeof joinConsentSchema>;
