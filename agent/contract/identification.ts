import { z } from 'zod';
import { scannedArticleSchema } from './article.ts';
import { decisionSchema } from './decision.ts';
import { evidenceMeansSchema } from './evidence.ts';
import { basketIdSchema, identificationIdSchema } from './ids.ts';
import { memberGlanceSchema } from './member.ts';
import { textSchema } from './text.ts';
import { instantSchema } from './time.ts';

/** Longest scan text accepted over the API, in characters. */
export const SCAN_TEXT_MAX = 4_096;
/** Members offered for one ambiguous claim; more must be narrowed by more digits. */
export const CANDIDATES_MAX = 8;

/** What a code is, before anybody is looked up. */
export const codeClassSchema = z.enum(['member', 'coupon', 'article', 'payment', 'unknown']);
export type CodeClass = z.infer<typeof codeClassSchema>;

/** What the POS or the cashier hands over to find out who is there: a scanned or typed text, or phone digits. */
export const identifyRequestSchema = z
  .object({
    /** Scan text as read, or a typed card number. */
    text: z.string().min(1).max(SCAN_TEXT_MAX).optional(),
    /** AIM symbology identifier with its bracket, e.g. `]C1`. */
    aim: z
      .string()
      .regex(/^\][A-Za-z][0-9A-Za-z]$/)
      .optional(),
    symbology: z.string().max(32).optional(),
    /** The last four or more digits of a phone number, or all of it. */
    phoneDigits: z
      .string()
      .regex(/^\d{4,15}$/)
      .optional(),
    /** Adds the proof to an identification already begun, e.g. phone digits after a card. */
    identificationId: identificationIdSchema.optional(),
    /** Binds the identification to this basket at once. */
    basketId: basketIdSchema.optional(),
  })
  .refine((r) => (r.text === undefined) !== (r.phoneDigits === undefined), {
    message: 'give either text or phoneDigits',
    path: ['text'],
  });
export type IdentifyRequest = z.infer<typeof identifyRequestSchema>;

/**
 * `identified` one member is named; `ambiguous` choose among candidates; `too-many` narrow the claim;
 * `unknown` nobody; `blocked`, `expired` the membership says no; `contradiction` the new proof names somebody else;
 * `not-a-member-code` the code is a coupon, an article or a payment code; `refused` a pass or wallet card
 * that is not taken, the notice says why; `released` cleared by hand;
 * `timed-out` cleared by time; `done` cleared by the commit of its basket.
 */
export const IDENTIFICATION_OUTCOMES = [
  'identified',
  'ambiguous',
  'too-many',
  'unknown',
  'blocked',
  'expired',
  'contradiction',
  'not-a-member-code',
  'refused',
  'released',
  'timed-out',
  'done',
] as const;
export const identificationOutcomeSchema = z.enum(IDENTIFICATION_OUTCOMES);
export type IdentificationOutcome = z.infer<typeof identificationOutcomeSchema>;

/** One of several members that a claim fits; the handle means nothing outside its identification. */
export const candidateSchema = z.object({
  handle: z.string().min(1).max(8),
  maskedName: z.string(),
  phoneLast4: z.string().optional(),
  tier: z.string(),
});
export type Candidate = z.infer<typeof candidateSchema>;

export const identificationSchema = z.object({
  identificationId: identificationIdSchema,
  outcome: identificationOutcomeSchema,
  /** What was recognised in the code; a payment code's digits are never repeated. */
  codeClass: codeClassSchema.optional(),
  /** Of an article's code: what to ring up. */
  article: scannedArticleSchema.optional(),
  means: z.array(evidenceMeansSchema),
  member: memberGlanceSchema.optional(),
  candidates: z.array(candidateSchema).max(CANDIDATES_MAX).default([]),
  /** One sentence of state for the cashier. */
  sentence: textSchema,
  /** Further facts the cashier should say, e.g. that the card belonged to a merged account. */
  notices: z.array(textSchema).default([]),
  /** Headquarters is being asked who that is; an event tells the answer, and the sale need not wait for it. */
  pending: z.boolean().optional(),
  /** For earning points, the least that is asked. */
  decision: decisionSchema.optional(),
  basketId: basketIdSchema.optional(),
  at: instantSchema,
  /** Cleared by itself then, unless bound to a basket that is held. */
  expiresAt: instantSchema,
});
export type Identification = z.infer<typeof identificationSchema>;
