import { z } from 'zod';
import { evidenceMeansSchema, evidenceSchema } from './evidence.ts';
import { TRUSTED_DETECTORS_MAX, trustedDetectorSchema } from './liveness.ts';
import { amountMinorSchema } from './money.ts';
import { storeTierSchema } from './store.ts';
import { textSchema } from './text.ts';

/** How sure the till is, weakest first. `none` = nobody is named. */
export const ASSURANCE_LEVELS = ['none', 'claimed', 'recognised', 'verified', 'strong'] as const;
export const assuranceLevelSchema = z.enum(ASSURANCE_LEVELS);
export type AssuranceLevel = z.infer<typeof assuranceLevelSchema>;

/** What a member may ask for. Closed: each has a row in every policy table. */
export const ACTIONS = [
  'view-benefits',
  'earn-points',
  'use-coupon',
  'redeem-points',
  'priority-lane',
  'change-personal-data',
  'enrol-biometric',
  'withdraw-consent',
] as const;
export const actionSchema = z.enum(ACTIONS);
export type Action = z.infer<typeof actionSchema>;
/** Actions that spend something: whoever allows one says up to which amount. */
export const SPENDING_ACTIONS: readonly Action[] = ['use-coupon', 'redeem-points'];

/** State of the till that lowers trust; never silently. */
export const tillStateSchema = z.object({
  offline: z.boolean(),
  /** Member data older than the policy's limit. */
  stale: z.boolean(),
  clockTrusted: z.boolean(),
});
export type TillState = z.infer<typeof tillStateSchema>;

/** Which evidence, together and about one member, gives which level. The highest row that fits counts. */
export const levelRowSchema = z.object({
  level: assuranceLevelSchema,
  allOf: z.array(evidenceMeansSchema).min(1).max(5),
});

/** What an action needs, up to an amount; rows of one action in ascending `uptoMinor`, the last without. */
export const actionRowSchema = z.object({
  action: actionSchema,
  uptoMinor: amountMinorSchema.optional(),
  needs: assuranceLevelSchema,
  /** Only in stores of this tier; such a row goes before the general ones. */
  storeTier: storeTierSchema.optional(),
});

/** Names the payload of a signed policy. */
export const POLICY_SCHEMA = 'tillside/policy/1';

/** The policy table of DESIGN 5, part of the signed rule set. */
export const policySchema = z.object({
  version: z.int().min(1),
  levels: z.array(levelRowSchema).min(1).max(50),
  actions: z.array(actionRowSchema).min(1).max(200),
  /** A state caps the level that evidence can reach. */
  caps: z.object({
    offline: assuranceLevelSchema,
    stale: assuranceLevelSchema,
    clockUntrusted: assuranceLevelSchema,
    /**
     * The most that proofs are worth which count only with a face: without anything that speaks for a living person, and
     * after a challenge. Absent = `claimed` and `recognised`. What the other proofs are worth alone stays.
     */
    faceUnproven: assuranceLevelSchema.optional(),
    faceChallenged: assuranceLevelSchema.optional(),
    /** The same where a detector of `faceDetectors` saw a living person, by its class. Absent = `verified` and `strong`. */
    facePad1: assuranceLevelSchema.optional(),
    facePad2: assuranceLevelSchema.optional(),
  }),
  /** Certified detectors of attacks. What another one says, or one whose time is over, counts as no detector. */
  faceDetectors: z.array(trustedDetectorSchema).max(TRUSTED_DETECTORS_MAX).optional(),
  /** Seconds for which a piece of evidence counts. */
  evidenceTtlSeconds: z.int().min(10).max(3_600),
  /** Hours after which member data counts as stale. */
  staleAfterHours: z
    .int()
    .min(1)
    .max(24 * 90),
});
export type Policy = z.infer<typeof policySchema>;

/** A step that would lift the level enough. */
export const stepUpSchema = z.object({ means: evidenceMeansSchema, text: textSchema });

export const decisionOutcomeSchema = z.enum(['enough', 'need-more', 'refuse']);

/** Why a decision came out as it did; each has a sentence in `explainDecision`. */
export const DECISION_REASONS = [
  'level-reached',
  'level-too-low',
  'not-identified',
  'evidence-expired',
  'evidence-contradicts',
  'capped-offline',
  'capped-stale',
  'capped-clock',
  'capped-liveness',
  'overridden',
  'policy-missing',
] as const;
export const decisionReasonSchema = z.enum(DECISION_REASONS);

/** Is this proof enough for that action? With inputs, threshold and the sentence shown. */
export const decisionSchema = z.object({
  outcome: decisionOutcomeSchema,
  action: actionSchema,
  amountMinor: amountMinorSchema.optional(),
  level: assuranceLevelSchema,
  needed: assuranceLevelSchema,
  reasons: z.array(z.object({ code: decisionReasonSchema, text: textSchema })).min(1),
  stepUp: z.array(stepUpSchema),
  evidence: z.array(evidenceSchema),
  state: tillStateSchema,
  policyVersion: z.int().min(0),
});
export type Decision = z.infer<typeof decisionSchema>;
