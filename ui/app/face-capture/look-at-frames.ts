import type { FaceModel } from '../../../agent/contract/index.ts';
import {
  advanceChallenge,
  type ChallengeState,
  startChallenge,
} from '../../../drivers/face/challenge.ts';
import type { ChallengeMovement } from '../../../drivers/face/challenge-order.ts';
import type { FaceEmbedder } from '../../../drivers/face/embedder.ts';
import { type FrameLook, lookAtFrame } from '../../../drivers/face/frame-look.ts';
import { isDark } from '../camera-codes/frame-light.ts';
import type { CaptureNews, ChallengeProgress } from './capture-messages.ts';
import { toFaceFrame } from './face-frame.ts';
import type { FramePixels } from './frame-pixels.ts';

/** Seven or eight frames a second are looked at, at most; those between are let go, so that the newest counts. */
export const FRAME_INTERVAL_MS = 125;
/** So many frames in a row that cannot be looked at mean that none can; a single one is a fault of the moment. */
export const BAD_FRAMES_MAX = 5;

/** What a capture needs besides the frames. */
export interface CaptureParts {
  readonly embedder: FaceEmbedder;
  readonly pixels: FramePixels;
  /** Of a clock that only goes forward. */
  readonly nowMs: () => number;
  readonly tell: (news: CaptureNews) => void;
}

/**
 * Looks at the frames of a camera until they end; one at a time, so nothing piles up where the machine is slow.
 * @param movements the challenge; none = none is held
 */
export async function lookAtFrames(
  frames: ReadableStream<VideoFrame>,
  movements: readonly ChallengeMovement[],
  { embedder, pixels, nowMs, tell }: CaptureParts,
): Promise<void> {
  const { id: modelId, version: modelVersion, calibration } = embedder.manifest;
  const model: FaceModel = { modelId, modelVersion };
  // A challenge runs from the first frame: the camera and the models take their time before.
  let challenge: ChallengeState | null = null;

  async function look(frame: VideoFrame): Promise<void> {
    const atMs = nowMs();
    const picture = pixels.take(frame);
    frame.close();
    try {
      const seen = await lookAtFrame(embedder, picture);
      const dark = seen.kind === 'none' && isDark(picture.data);
      const before = challenge;
      if (movements.length > 0)
        challenge = advanceChallenge(
          challenge ?? startChallenge(movements, calibration.thresholds.fmr1e2, atMs),
          sampleOf(seen, atMs),
        );
      tell({
        kind: 'frame',
        frame: toFaceFrame(seen, model),
        dark,
        tookMs: nowMs() - atMs,
        progress: progressOf(challenge),
      });
      if (before?.outcome.kind !== challenge?.outcome.kind) tellOutcome(challenge, tell);
    } finally {
      // Nothing of a face stays in memory that the next frame would not need anyway.
      picture.data.fill(0);
    }
  }

  const reader = frames.getReader();
  let nextMs = Number.NEGATIVE_INFINITY;
  let badFrames = 0;
  for (;;) {
    const { done, value: frame } = await reader.read();
    if (done || frame === undefined) return tell({ kind: 'ended' });
    try {
      if (nowMs() < nextMs) continue;
      nextMs = nowMs() + FRAME_INTERVAL_MS;
      await look(frame);
      badFrames = 0;
    } catch (error) {
      badFrames += 1;
      if (badFrames >= BAD_FRAMES_MAX) throw error;
    } finally {
      // A frame that is not let go of stops the camera after a few; twice does no harm.
      frame.close();
    }
  }
}

function sampleOf(seen: FrameLook, atMs: number) {
  if (seen.kind === 'none') return { atMs, landmarks: null };
  const { landmarks } = seen.face;
  return seen.kind === 'described'
    ? { atMs, landmarks, descriptor: seen.descriptor }
    : { atMs, landmarks };
}

/** What the member is told to do next. */
export function progressOf(state: ChallengeState | null): ChallengeProgress | null {
  if (state === null || state.outcome.kind !== 'asking') return null;
  const asked = state.phase === 'move' ? (state.steps[state.done] ?? 'look') : 'look';
  return { asked, done: state.done, of: state.steps.length };
}

function tellOutcome(state: ChallengeState | null, tell: CaptureParts['tell']): void {
  const kind = state?.outcome.kind;
  if (kind !== undefined && kind !== 'asking')
    tell({ kind: 'challenge', frame: { kind: 'challenge', result: kind } });
}
