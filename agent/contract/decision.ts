import { z } from 'zod';
import { evidenceMeansSchema, evidenceSchema } from './evidence.ts';
import { TRUSTED_DETECTORS_MAX, trustedDetectorSchema } from './liveness.ts';
import { amountMinorSchema } from './money.ts';
import { storeTierSchema } from './store.ts';
import { textSchema } from './text.ts';
import { instantSchema } from './time.ts';

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

/** Largest weight in thousandths of a nat: odds of e^1000 to one, beyond anything that could be shown. */
export const WEIGHT_MAX_MILLI_NATS = 1_000_000;
const weightSchema = z.int().min(0).max(WEIGHT_MAX_MILLI_NATS);

/** What one means is worth, in thousandths of a nat of the log-likelihood ratio of the member against somebody else. */
export const fusionMeansSchema = z.object({
  /** Of a proof without a score of its own. */
  weightMilliNats: weightSchema,
  /** The most that a score counts for; absent = `weightMilliNats`, so that no score lifts without bound. */
  capMilliNats: weightSchema.optional(),
  /** Counts for at most so long after it was taken, where that is less than its own time; absent = its own. */
  ttlSeconds: z.int().min(10).max(3_600).optional(),
});

/**
 * How proofs are added up. `levels` of the policy says which means together may give a level at all; the sum must reach the
 * level's threshold in addition.
 */
export const fusionSchema = z.object({
  /** A means without a row adds nothing. */
  means: z.partialRecord(evidenceMeansSchema, fusionMeansSchema),
  /** Means that fall together, e.g. two codes on one phone: of each group only the strongest counts. Groups may overlap. */
  dependent: z.array(z.array(evidenceMeansSchema).min(2).max(8)).max(20),
  /** The least sum for a level; absent = 0. Higher levels never need less. */
  thresholds: z.partialRecord(assuranceLevelSchema, weightSchema).refine(
    (rows) => {
      const given = ASSURANCE_LEVELS.flatMap((level) => rows[level] ?? []);
      return given.every((one, index) => one >= (given[index - 1] ?? 0));
    },
    { message: 'a higher level needs at least as much as a lower one' },
  ),
});
export type Fusion = z.infer<typeof fusionSchema>;

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
  /** How proofs are added up; absent = the table of `levels` alone decides. */
  fusion: fusionSchema.optional(),
  /** From then on the policy is none and the strictest applies; absent = it holds until another takes its place. */
  validUntil: instantSchema.optional(),
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
  'too-light',
  'locked-out',
  'overridden',
  'policy-missing',
  'policy-expired',
  'policy-revoked',
] as const;
export const decisionReasonSchema = z.enum(DECISION_REASONS);

/** A means that was tried too often in vain: what was taken of it since then counts for nothing until the time is over. */
export const lockOutSchema = z.object({
  means: evidenceMeansSchema,
  since: instantSchema,
  until: instantSchema,
});
export type LockOut = z.infer<typeof lockOutSchema>;

/** What one piece of evidence adds to the sum. */
export const evidenceShareSchema = z.object({
  means: evidenceMeansSchema,
  /** Its score, or the weight of its means, within the cap; 0 where it does not count any more. */
  weightMilliNats: z.int().min(0),
  /** What is taken off because a search chose the member among many: minus the logarithm of how many. */
  priorMilliNats: z.int().max(0),
  /** What of it is in the sum: 0 where a stronger proof that it depends on counts. */
  countedMilliNats: z.int().min(0),
});

/** What the evidence adds up to. Whole thousandths of a nat, so that every machine finds the same. */
export const decisionWeightSchema = z.object({
  /** The sum of what counts. */
  milliNats: z.int().min(0),
  /** What the needed level asks for. */
  neededMilliNats: z.int().min(0),
  /** One for each piece of `evidence`, in its order. */
  shares: z.array(evidenceShareSchema),
});
export type DecisionWeight = z.infer<typeof decisionWeightSchema>;

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
  /** Lock-outs in force; absent = none. */
  lockedOut: z.array(lockOutSchema).optional(),
  /** When it was decided, by which evidence had expired or not; absent where the policy adds nothing up. */
  at: instantSchema.optional(),
  /** Absent where the policy adds nothing up. */
  weight: decisionWeightSchema.optional(),
});
export type Decision = z.infer<typeof decisionSchema>;
