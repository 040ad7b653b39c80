import {
  type FaceFrame,
  type FrameFault,
  SESSION_MAX_FRAMES,
} from '../../../agent/contract/index.ts';
import { isNewPose, type PoseAngles } from '../../../drivers/face/enrol-poses.ts';

/** Descriptors go to the agent at most so often: frames right after each other say the same thing twice. */
export const DESCRIBED_INTERVAL_MS = 300;
/** The same fault is told again after so long. */
export const FAULT_INTERVAL_MS = 3_000;

/** Lets those frames through that say something the agent does not know; `full` = the session takes no more. */
export interface FrameGate {
  pass(frame: FaceFrame, nowMs: number): 'send' | 'drop' | 'full';
}

/**
 * @param poses whether descriptors go only from poses that differ, as an enrolment wants them
 * @param max frames of one session, at most
 */
export function createFrameGate(poses = false, max: number = SESSION_MAX_FRAMES): FrameGate {
  const taken: PoseAngles[] = [];
  let sent = 0;
  let describedMs = Number.NEGATIVE_INFINITY;
  let faultMs = Number.NEGATIVE_INFINITY;
  let fault: FrameFault | null = null;

  function isNews(frame: FaceFrame, nowMs: number): boolean {
    switch (frame.kind) {
      case 'described':
        fault = null;
        if (nowMs - describedMs < DESCRIBED_INTERVAL_MS) return false;
        if (poses && !isNewPose(taken, frame.quality)) return false;
        taken.push(frame.quality);
        describedMs = nowMs;
        return true;
      case 'fault':
        if (frame.fault === fault && nowMs - faultMs < FAULT_INTERVAL_MS) return false;
        // Two faults that alternate are told no more often than frames with a face.
        if (nowMs - faultMs < DESCRIBED_INTERVAL_MS) return false;
        fault = frame.fault;
        faultMs = nowMs;
        return true;
      default:
        return true;
    }
  }

  return {
    pass(frame, nowMs) {
      if (!isNews(frame, nowMs)) return 'drop';
      if (sent >= max) return 'full';
      sent += 1;
      return 'send';
    },
  };
}
