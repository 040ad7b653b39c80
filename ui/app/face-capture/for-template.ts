import type { FaceFrame } from '../../../agent/contract/index.ts';
import { QUALITY_LIMITS } from '../../../drivers/face/quality.ts';

/**
 * A frame of an enrolment: one that would do for a comparison and not for a template is a fault, and its descriptor goes
 * nowhere. Two templates that were made with a mask are near to each other whoever wore it.
 */
export function forTemplate(frame: FaceFrame): FaceFrame {
  if (frame.kind !== 'described' || frame.quality.score >= QUALITY_LIMITS.enrolScoreMin)
    return frame;
  return { kind: 'fault', fault: 'uncertain' };
}
