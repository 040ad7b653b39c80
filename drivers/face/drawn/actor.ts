import type { ChallengeMovement } from '../challenge-order.ts';
import { type HeadPose, STRAIGHT } from './draw-face.ts';

/** What a simulated head does when it is told to; it is back after {@link GESTURE_MS}. Left and right are its own. */
export type Gesture = ChallengeMovement | 'look';

/** How long one movement takes there and back, in milliseconds; a blink is shorter. */
export const GESTURE_MS = 2_400;
/** Eyes stay shut for half a second of that, which is in frames of a slow camera, too. */
export const BLINK_MS = 1_600;
/** Share of a movement that is the way there, and the same for the way back. */
const WAY = 0.35;
/** How far a head turns, in degrees; and comes nearer, as a factor. */
const TURN = 24;
const NEARER = 1.34;
/** A head is never quite still: degrees, and milliseconds for there and back. */
const SWAY = { degrees: 1.5, everyMs: 4_300 };

/** Somebody before the simulated camera. */
export interface Actor {
  /** Makes a movement from this time on; one that is under way is left off. `look` does nothing. */
  perform(gesture: Gesture, atMs: number): void;
  /** Leaves off whatever is under way. */
  rest(): void;
  /** Whether a movement is under way, or about to begin. */
  isBusy(atMs: number): boolean;
  /** How the head is held. @param atMs of a clock that only goes forward */
  poseAt(atMs: number): HeadPose;
}

/** @param base how the head is held where it does nothing */
export function createActor(base: HeadPose = STRAIGHT): Actor {
  let doing: { readonly gesture: Gesture; readonly sinceMs: number } | null = null;
  /** How far the movement is by its time: 0 = not begun, 1 and above = over. */
  const partOf = (atMs: number): number => {
    if (doing === null) return 1;
    return (atMs - doing.sinceMs) / (doing.gesture === 'blink' ? BLINK_MS : GESTURE_MS);
  };
  const shareOf = (atMs: number): number => {
    const part = partOf(atMs);
    const way = Math.min(1, Math.max(0, Math.min(part, 1 - part)) / WAY);
    return way * way * (3 - 2 * way);
  };
  return {
    perform(gesture, atMs) {
      if (gesture !== 'look') doing = { gesture, sinceMs: atMs };
    },
    rest() {
      doing = null;
    },
    isBusy: (atMs) => partOf(atMs) < 1,
    poseAt(atMs) {
      const share = shareOf(atMs);
      const gesture = doing?.gesture;
      const sway = SWAY.degrees * Math.sin((2 * Math.PI * atMs) / SWAY.everyMs);
      const turn = gesture === 'turn-left' ? TURN : gesture === 'turn-right' ? -TURN : 0;
      return {
        ...base,
        yaw: base.yaw + sway + turn * share,
        pitch: base.pitch + 0.4 * sway,
        open: gesture === 'blink' ? base.open * (1 - share) : base.open,
        size: base.size * (gesture === 'nearer' ? 1 + (NEARER - 1) * share : 1),
      };
    },
  };
}
