import { z } from 'zod';
import { faceModelSchema } from './face-facts.ts';

/** Numbers in a descriptor, at most. */
export const DESCRIPTOR_MAX_NUMBERS = 4_096;
/** Frames of one session that the till looks at, at most; later ones are refused. */
export const SESSION_MAX_FRAMES = 200;

/** Why a camera gives no frames; each has a remedy on the screen. */
export const CAMERA_TROUBLES = [
  'absent',
  'denied',
  'busy',
  'dark',
  'unplugged',
  'slow',
  'model-missing',
  'failed',
] as const;
export const cameraTroubleSchema = z.enum(CAMERA_TROUBLES);
export type CameraTrouble = z.infer<typeof cameraTroubleSchema>;

/** What a frame lacks; the member is told the first. As `QualityFault` of the face pipeline. */
export const FRAME_FAULTS = [
  'no-face',
  'several-faces',
  'too-small',
  'uncertain',
  'turned',
  'tilted',
  'too-dark',
  'too-bright',
  'blurred',
] as const;
export const frameFaultSchema = z.enum(FRAME_FAULTS);
export type FrameFault = z.infer<typeof frameFaultSchema>;

/** Movements that a challenge may ask for. */
export const CHALLENGE_STEPS = ['turn-left', 'turn-right', 'blink', 'nearer'] as const;
export const challengeStepSchema = z.enum(CHALLENGE_STEPS);
export type ChallengeStep = z.infer<typeof challengeStepSchema>;

/** How a frame was, in figures alone: nothing by which somebody can be drawn or recognised. */
export const frameQualitySchema = z.strictObject({
  widthPx: z.number().min(0).max(10_000),
  score: z.number().min(0).max(1),
  yawDegrees: z.number().min(-180).max(180),
  pitchDegrees: z.number().min(-180).max(180),
  rollDegrees: z.number().min(-180).max(180),
  grey: z.number().min(0).max(255),
  sharpness: z.number().min(0).max(1_000_000),
});
export type FrameQuality = z.infer<typeof frameQualitySchema>;

/**
 * What the capture page says of one frame: a descriptor where it passed the gates, else what it lacked; and how far the
 * challenge is. `descriptor` are little-endian 32-bit floats in base64.
 */
export const faceFrameSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('described'),
    model: faceModelSchema,
    descriptor: z.string().max(Math.ceil((DESCRIPTOR_MAX_NUMBERS * 4 * 4) / 3) + 4),
    quality: frameQualitySchema,
  }),
  z.strictObject({ kind: z.literal('fault'), fault: frameFaultSchema }),
  /** The movement that the challenge asks for from now on. */
  z.strictObject({ kind: z.literal('step'), step: challengeStepSchema }),
  z.strictObject({
    kind: z.literal('challenge'),
    result: z.enum(['passed', 'failed', 'timed-out']),
  }),
  z.strictObject({ kind: z.literal('trouble'), trouble: cameraTroubleSchema }),
]);
export type FaceFrame = z.infer<typeof faceFrameSchema>;
