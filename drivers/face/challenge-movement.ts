import type { FaceMotion } from './challenge-geometry.ts';
import { CHALLENGE_LIMITS as LIMITS } from './challenge-limits.ts';
import type { ChallengeMovement } from './challenge-order.ts';

/** How one movement is told from others. */
interface MovementRule {
  /** Zero = not begun, one and above = reached. */
  share(motion: FaceMotion): number;
  /** Whether a frame of this share belongs to the way there. */
  isOnPath(share: number): boolean;
  isBack(motion: FaceMotion): boolean;
}

const isStraight = ({ yawDegrees }: FaceMotion): boolean =>
  Math.abs(yawDegrees) <= LIMITS.backDegrees;
const isUnderWay = (share: number): boolean => share >= LIMITS.pathShareMin && share < 1;

/** The turn has to be seen in the nose against everything else, and not in the outline, which a flat thing has too. */
const turn = (direction: 1 | -1): MovementRule => ({
  share: ({ yawDegrees, parallaxX }) =>
    direction * yawDegrees > 0 && direction * parallaxX > 0
      ? Math.min(
          Math.abs(yawDegrees) / LIMITS.turnDegrees,
          Math.abs(parallaxX) / LIMITS.parallaxMin,
        )
      : 0,
  isOnPath: isUnderWay,
  isBack: isStraight,
});

/** By the member's own left, which is right in a picture that is not mirrored. */
export const MOVEMENT_RULES: Readonly<Record<ChallengeMovement, MovementRule>> = {
  'turn-left': turn(1),
  'turn-right': turn(-1),
  blink: {
    share: (motion) =>
      Math.abs(motion.yawDegrees) <= LIMITS.straightDegrees
        ? (1 - motion.lids) / (1 - LIMITS.lidsShutMax)
        : 0,
    // Lids shut within one frame: what has to be seen before is that they were open.
    isOnPath: (share) => share <= (1 - LIMITS.lidsOpenMin) / (1 - LIMITS.lidsShutMax),
    isBack: (motion) => isStraight(motion) && motion.lids >= LIMITS.lidsOpenMin,
  },
  nearer: {
    share: ({ nearer }) => (nearer - 1) / (LIMITS.nearerMin - 1),
    isOnPath: isUnderWay,
    // Whoever came nearer may stay.
    isBack: isStraight,
  },
};

/** Whether a head was turned to a side that was not asked for. */
export function isOtherTurn(asked: ChallengeMovement, motion: FaceMotion): boolean {
  return (['turn-left', 'turn-right'] as const).some(
    (side) => side !== asked && MOVEMENT_RULES[side].share(motion) >= 1,
  );
}
