import { z } from 'zod';
import { instantSchema } from './time.ts';

/** Detectors of attacks that one policy trusts, at most. */
export const TRUSTED_DETECTORS_MAX = 16;

/** Which attacks a laboratory tried, by ISO/IEC 30107-3; as `PadLevel` of the drivers. */
export const padLevelSchema = z.enum(['pad-1', 'pad-2']);

/** Product and version as they were certified. */
const productSchema = z.string().min(1).max(64);

/** The detector that spoke for a living person, and by which class of checks. */
export const faceDetectorSchema = z.strictObject({ product: productSchema, level: padLevelSchema });
export type FaceDetector = z.infer<typeof faceDetectorSchema>;

/** A row of the signed policy: a certificate that the chain has seen. A detector without one counts for nothing. */
export const trustedDetectorSchema = faceDetectorSchema.extend({
  /** Up to this moment, exclusive. */
  until: instantSchema,
});
export type TrustedDetector = z.infer<typeof trustedDetectorSchema>;

/** What a detector says; as `LivenessAnswer` of the drivers. */
export const livenessAnswerSchema = z.strictObject({
  sessionId: z.string().min(1).max(64),
  nonce: z.string().min(1).max(64),
  verdict: z.enum(['live', 'not-live', 'unknown']),
  level: padLevelSchema,
});
