import { z } from 'zod';
import { credentialUseSchema } from './credential.ts';
import { memberIdSchema } from './ids.ts';
import { faceDetectorSchema } from './liveness.ts';
import { instantSchema } from './time.ts';

/**
 * By what a member shows who they are. Closed: policy tables, ledgers and screens switch on it.
 * `card` a static number, barcode or GS1 8018; `pass` the rotating e-credential; `wallet` a wallet card's one-time
 * password; `phone` its digits;
 * `pin` the member's own; `face`, `finger` templates; `staff` a member of staff vouches.
 */
export const EVIDENCE_MEANS = [
  'card',
  'pass',
  'wallet',
  'phone',
  'pin',
  'face',
  'finger',
  'staff',
] as const;
export const evidenceMeansSchema = z.enum(EVIDENCE_MEANS);
export type EvidenceMeans = z.infer<typeof evidenceMeansSchema>;

/** The factor classes of NIST SP 800-63B section 2.2, and `attestation` for a person who vouches. */
export const evidenceKindSchema = z.enum(['possession', 'knowledge', 'inherence', 'attestation']);
export type EvidenceKind = z.infer<typeof evidenceKindSchema>;

/** The one kind that each means has. */
export const KIND_OF_MEANS: Readonly<Record<EvidenceMeans, EvidenceKind>> = {
  card: 'possession',
  pass: 'possession',
  wallet: 'possession',
  phone: 'knowledge',
  pin: 'knowledge',
  face: 'inherence',
  finger: 'inherence',
  staff: 'attestation',
};

/**
 * What speaks for a living person before the camera: `challenge` moved as asked, which stops pictures and no film made
 * for it; `vendor` a certified detector said so.
 */
export const livenessSchema = z.enum(['none', 'challenge', 'vendor']);
export type Liveness = z.infer<typeof livenessSchema>;

/** Most members that a search can have chosen among: more than any chain has. */
export const AMONG_MAX = 1_000_000_000;

/** One piece of proof, or a claim without proof, about one member. */
export const evidenceSchema = z.object({
  means: evidenceMeansSchema,
  kind: evidenceKindSchema,
  /** Device id, or `cashier` where typed, or `pos` where the POS passed it on. */
  source: z.string().min(1).max(64),
  memberId: memberIdSchema,
  /** True where it only names a member (static card, phone digits): anybody could present it. */
  claim: z.boolean(),
  /** Capture quality in basis points, where the means has one. */
  qualityBp: z.int().min(0).max(10_000).optional(),
  /** Calibrated log-likelihood ratio in thousandths of a nat, where the means has a score. */
  scoreMilliNats: z.int().optional(),
  /** Among how many members a search chose this one; absent = 1, it was compared with this member alone. */
  among: z.int().min(1).max(AMONG_MAX).optional(),
  /** Of a face; absent = `none`. */
  liveness: livenessSchema.optional(),
  /** With `vendor`: which detector said so. */
  detector: faceDetectorSchema.optional(),
  /** Of a pass: which of its codes was shown, by which headquarters finds one that was shown twice. */
  credential: credentialUseSchema.optional(),
  /** False = the till's clock could not be trusted when a proof that goes by time was taken; absent = it could. */
  clockTrusted: z.literal(false).optional(),
  at: instantSchema,
  /** Counts for decisions until then. */
  expiresAt: instantSchema,
});
export type Evidence = z.infer<typeof evidenceSchema>;
