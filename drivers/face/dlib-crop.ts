import { centreOf } from './align.ts';
import type { Point } from './embedder.ts';

/** A square in whole pixels of the picture. */
export interface Square {
  readonly left: number;
  readonly top: number;
  readonly size: number;
}

/**
 * Where the descriptor's crop lies about the middle of eyes and mouth, as shares of its side, and how long the way from
 * eyes to mouth is in it: the crop with which the model was trained (dlib), which face-api.js takes for descriptors too.
 */
const CROP = { middleX: 0.5, middleY: 0.43, eyesToMouth: 0.45 } as const;
/** Places of both eyes and the mouth among 68 landmarks (iBUG 300-W), the end not included. */
const PARTS = { leftEye: [36, 42], rightEye: [42, 48], mouth: [48, 68] } as const;

/** The part of the picture that the descriptor is made of. What hangs over the edge is cut off, as the library does it. */
export function dlibCrop(landmarks: readonly Point[]): Square {
  const middles = Object.values(PARTS).map(([from, to]) => centreOf(landmarks.slice(from, to)));
  const [leftEye, rightEye, mouth] = middles as [Point, Point, Point];
  const far = (eye: Point): number => Math.hypot(mouth.x - eye.x, mouth.y - eye.y);
  const size = Math.floor((far(leftEye) + far(rightEye)) / 2 / CROP.eyesToMouth);
  const middle = centreOf(middles);
  return {
    left: Math.floor(Math.max(0, middle.x - CROP.middleX * size)),
    top: Math.floor(Math.max(0, middle.y - CROP.middleY * size)),
    size,
  };
}
