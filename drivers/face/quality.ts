import { centreOf, fivePoints, greyOf, sample } from './align.ts';
import { areaOf, type Box, type FoundFace, type Picture } from './embedder.ts';

/** Why a frame is not used; the screen tells the member what to do about the first. */
export type QualityFault =
  | 'no-face'
  | 'several-faces'
  | 'too-small'
  | 'uncertain'
  | 'turned'
  | 'tilted'
  | 'too-dark'
  | 'too-bright'
  | 'blurred';

/** The gates of a capture. */
export const QUALITY_LIMITS = {
  /** A second face of at least this share of the largest one's area makes it unclear who is meant. */
  rivalAreaShare: 0.5,
  widthMinPx: 100,
  /**
   * Of the detector. It goes by how large the face is in the frame, and above this says nothing about what the descriptor
   * is worth: decision 0036 has the figures.
   */
  scoreMin: 0.5,
  /** The same for what a template is made of: of masks and dark glasses that pass the other limit, six of ten fail this one. */
  enrolScoreMin: 0.7,
  yawMaxDegrees: 25,
  pitchMaxDegrees: 25,
  rollMaxDegrees: 20,
  /** Mean grey of the face, 0 to 255. */
  greyMin: 50,
  greyMax: 205,
  /** Variance of the Laplacian of the face at `BLUR_SIZE`. */
  sharpnessMin: 30,
} as const;

/** Side of the grey crop on which blur and exposure are judged, so that both mean the same at any distance. */
const BLUR_SIZE = 96;

export interface Pose {
  readonly yawDegrees: number;
  readonly pitchDegrees: number;
  readonly rollDegrees: number;
}

export interface FaceQuality {
  readonly widthPx: number;
  readonly score: number;
  readonly pose: Pose;
  readonly grey: number;
  readonly sharpness: number;
}

/**
 * The one face that a frame is about, or why there is none.
 * @param faces largest first, as `find` answers
 */
export function dominantFace(
  faces: readonly FoundFace[],
):
  | { readonly ok: true; readonly face: FoundFace }
  | { readonly ok: false; readonly fault: QualityFault } {
  const [face, rival] = faces;
  if (face === undefined) return { ok: false, fault: 'no-face' };
  if (rival !== undefined && areaOf(rival.box) >= QUALITY_LIMITS.rivalAreaShare * areaOf(face.box))
    return { ok: false, fault: 'several-faces' };
  return { ok: true, face };
}

/** Measures one face. */
export function qualityOf(picture: Picture, { box, score, landmarks }: FoundFace): FaceQuality {
  const grey = greyFace(picture, box);
  return {
    widthPx: box.width,
    score,
    pose: poseOf(landmarks),
    grey: grey.reduce((sum, one) => sum + one, 0) / grey.length,
    sharpness: laplacianVariance(grey),
  };
}

/** What is wrong with a capture, worst first; empty when it may be used. */
export function qualityFaults(quality: FaceQuality): QualityFault[] {
  const limits = QUALITY_LIMITS;
  const { yawDegrees, pitchDegrees, rollDegrees } = quality.pose;
  const checks: readonly (readonly [boolean, QualityFault])[] = [
    [quality.widthPx >= limits.widthMinPx, 'too-small'],
    [quality.score >= limits.scoreMin, 'uncertain'],
    [
      Math.abs(yawDegrees) <= limits.yawMaxDegrees &&
        Math.abs(pitchDegrees) <= limits.pitchMaxDegrees,
      'turned',
    ],
    [Math.abs(rollDegrees) <= limits.rollMaxDegrees, 'tilted'],
    [quality.grey >= limits.greyMin, 'too-dark'],
    [quality.grey <= limits.greyMax, 'too-bright'],
    [quality.sharpness >= limits.sharpnessMin, 'blurred'],
  ];
  // Written as what has to hold, so that a value that is no number fails its gate.
  return checks.flatMap(([holds, fault]) => (holds ? [] : [fault]));
}

/** How far the nose tip lies before the plane of eyes and mouth, in distances between the eyes: a rough head. */
const NOSE_DEPTH = 0.6;
/** Where the nose tip of a level head lies between the line of the eyes and that of the mouth. */
const NOSE_LEVEL = 0.55;

/**
 * The pose, roughly: roll from the line of the eyes; yaw and pitch from how far the nose tip lies off the middle of
 * eyes and mouth.
 */
export function poseOf(landmarks: FoundFace['landmarks']): Pose {
  const [left, right, nose, mouthLeft, mouthRight] = fivePoints(landmarks);
  const roll = Math.atan2(right.y - left.y, right.x - left.x);
  const eyes = centreOf([left, right]);
  const mouth = centreOf([mouthLeft, mouthRight]);
  const between = Math.hypot(right.x - left.x, right.y - left.y);
  const upright = (point: { readonly x: number; readonly y: number }) => ({
    x: Math.cos(roll) * (point.x - eyes.x) + Math.sin(roll) * (point.y - eyes.y),
    y: -Math.sin(roll) * (point.x - eyes.x) + Math.cos(roll) * (point.y - eyes.y),
  });
  const [tip, lips] = [upright(nose), upright(mouth)];
  const aside = tip.x - lips.x * NOSE_LEVEL;
  const below = tip.y - lips.y * NOSE_LEVEL;
  return {
    yawDegrees: degrees(Math.atan2(aside, NOSE_DEPTH * between)),
    pitchDegrees: degrees(Math.atan2(below, NOSE_DEPTH * between)),
    rollDegrees: degrees(roll),
  };
}

function degrees(radians: number): number {
  return (radians * 180) / Math.PI;
}

function greyFace(picture: Picture, box: Box): Float32Array {
  return greyOf(
    sample(picture, { width: BLUR_SIZE, height: BLUR_SIZE }, (x, y) => [
      box.x + ((x + 0.5) * box.width) / BLUR_SIZE - 0.5,
      box.y + ((y + 0.5) * box.height) / BLUR_SIZE - 0.5,
    ]),
  );
}

/** Little where edges are soft. The border is left out: beyond the picture all is black. */
function laplacianVariance(grey: Float32Array): number {
  let sum = 0;
  let squares = 0;
  let count = 0;
  for (let y = 1; y < BLUR_SIZE - 1; y++)
    for (let x = 1; x < BLUR_SIZE - 1; x++) {
      const value = (column: number, row: number) => grey[row * BLUR_SIZE + column] ?? 0;
      const bend =
        value(x - 1, y) + value(x + 1, y) + value(x, y - 1) + value(x, y + 1) - 4 * value(x, y);
      sum += bend;
      squares += bend * bend;
      count++;
    }
  return squares / count - (sum / count) ** 2;
}
