import type { FaceShape } from './challenge-geometry.ts';
import { CHALLENGE_LIMITS as LIMITS } from './challenge-limits.ts';

/** A face in one frame. */
export interface PathPoint {
  readonly atMs: number;
  readonly shape: FaceShape;
  readonly yawDegrees: number;
}

/** Whether one head can have moved so between two frames; a cut to another place, size or pose cannot. */
export function isContinuous(before: PathPoint, after: PathPoint): boolean {
  const seconds = (after.atMs - before.atMs) / 1_000;
  const moved = Math.hypot(
    after.shape.middle.x - before.shape.middle.x,
    after.shape.middle.y - before.shape.middle.y,
  );
  const grown = Math.abs(Math.log(after.shape.eyesPx / before.shape.eyesPx));
  const turned = Math.abs(after.yawDegrees - before.yawDegrees);
  // Written as what has to hold, so that a value that is no number is no path.
  return (
    moved / before.shape.eyesPx <= LIMITS.movePerSecond * seconds + LIMITS.moveSlack &&
    grown <= LIMITS.sizePerSecond * seconds + LIMITS.sizeSlack &&
    turned <= LIMITS.turnPerSecond * seconds + LIMITS.turnSlack
  );
}
