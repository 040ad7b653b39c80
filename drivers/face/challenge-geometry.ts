import { centreOf } from './align.ts';
import type { Point } from './embedder.ts';
import { planeMapOf } from './plane-map.ts';
import { poseOf } from './quality.ts';

/** Points in a face's own frame: the middle of the eyes is the origin, their distance is one, their line is level. */
export interface FaceShape {
  readonly points: readonly Point[];
  /** Where the middle of the eyes lies in the picture, and the distance of the eyes, both in pixels. */
  readonly middle: Point;
  readonly eyesPx: number;
}

/** Places among 68 landmarks (iBUG 300-W), the end not included. */
const LEFT_EYE = [36, 42] as const;
const RIGHT_EYE = [42, 48] as const;
/**
 * Eye corners, brows, mouth corners and upper lip: nearly one plane, and none of them moves in a blink. The eyelids and
 * the nose are not among them, since they are what is judged against this plane.
 */
const PLANE = [36, 39, 42, 45, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 48, 50, 51, 52, 54];
/** Upper and lower lids that lie opposite each other. */
const LIDS = [
  [37, 41],
  [38, 40],
  [43, 47],
  [44, 46],
] as const;
const NOSE_TIP = [29, 30, 33];

/** Brings 68 landmarks into the face's own frame; null where there are no two eyes to measure by. */
export function shapeOf(landmarks: readonly Point[]): FaceShape | null {
  if (landmarks.length !== 68) return null;
  const left = centreOf(landmarks.slice(...LEFT_EYE));
  const right = centreOf(landmarks.slice(...RIGHT_EYE));
  const [dx, dy] = [right.x - left.x, right.y - left.y];
  const square = dx * dx + dy * dy;
  if (!(square > 0) || !Number.isFinite(square)) return null;
  const middle = centreOf([left, right]);
  const points = landmarks.map(({ x, y }) => ({
    x: ((x - middle.x) * dx + (y - middle.y) * dy) / square,
    y: ((y - middle.y) * dx - (x - middle.x) * dy) / square,
  }));
  return { points, middle, eyesPx: Math.sqrt(square) };
}

/** How a face has moved against how it was when it looked straight ahead. */
export interface FaceMotion {
  /** Of the nose against eyes and mouth, in degrees: positive = towards the member's own left, right in the picture. */
  readonly yawDegrees: number;
  /**
   * How far the nose has left the place that it would have on anything flat, in distances between the eyes: zero for a
   * photograph however it is held, since a flat thing moves by one plane map (homography) as a whole.
   */
  readonly parallaxX: number;
  readonly parallaxY: number;
  /** How far the lids are open, against the same on a flat thing held likewise: one = as before, near zero = shut. */
  readonly lids: number;
  /** How much one direction is foreshortened more than the other: one = not at all. */
  readonly squeeze: number;
  /** Distance of the eyes against before, made good for the turn: above one = nearer. */
  readonly nearer: number;
}

/** Compares a shape with the one of a face that looks straight ahead; null where no plane fits both. */
export function motionOf(straight: FaceShape, shape: FaceShape): FaceMotion | null {
  const map = planeMapOf(pick(straight, PLANE), pick(shape, PLANE));
  if (map === null) return null;
  const expected = { ...straight, points: straight.points.map(map.apply) };
  const tip = centreOf(pick(shape, NOSE_TIP));
  const flatTip = centreOf(pick(expected, NOSE_TIP));
  const [least, most] = map.stretchAt(flatTip);
  return {
    yawDegrees: poseOf(shape.points).yawDegrees - poseOf(straight.points).yawDegrees,
    parallaxX: tip.x - flatTip.x,
    parallaxY: tip.y - flatTip.y,
    lids: opening(shape) / opening(expected),
    squeeze: least / most,
    nearer: faceHeight(shape) / faceHeight(straight),
  };
}

/** Mean distance of the lids of both eyes, in the shape's own unit. */
function opening({ points }: FaceShape): number {
  const gaps = LIDS.map(([upper, lower]) => {
    const [a, b] = [points[upper], points[lower]];
    return a === undefined || b === undefined ? 0 : Math.hypot(a.x - b.x, a.y - b.y);
  });
  return gaps.reduce((sum, one) => sum + one, 0) / gaps.length;
}

/** From the eyes to the mouth in pixels: turning the head sideways leaves it as it is. */
function faceHeight({ points, eyesPx }: FaceShape): number {
  const mouth = centreOf(pick({ points }, [48, 54]));
  return Math.hypot(mouth.x, mouth.y) * eyesPx;
}

function pick({ points }: Pick<FaceShape, 'points'>, places: readonly number[]): Point[] {
  return places.map((place) => points[place] ?? { x: 0, y: 0 });
}
