import { beforeAll, expect } from 'vitest';
import { openModel } from '../../../agent/main/face/open-model.ts';
import { advanceChallenge, startChallenge } from '../../../drivers/face/challenge.ts';
import type { ChallengeMovement } from '../../../drivers/face/challenge-order.ts';
import type { FaceEmbedder } from '../../../drivers/face/embedder.ts';
import { lookAtFrame } from '../../../drivers/face/frame-look.ts';
import { facePhoto, type HeldPicture, heldPhoto } from '../../support/face-film.ts';
import { testWithShared } from '../../support/shared.ts';

/** Between frames of a camera that gives seven or eight a second. */
const FRAME_MS = 133;
const FRAMES = 15;
const STRAIGHT_FRAMES = 4;

let model: FaceEmbedder;
beforeAll(async () => {
  const opened = await openModel();
  if (!opened.ok) throw new Error(opened.error.detail);
  model = opened.value;
});

/** Holds a real photograph before the shipped model, straight at first and then as the test says. */
async function held(
  step: ChallengeMovement,
  pose: (share: number) => HeldPicture,
): Promise<{ readonly end: string; readonly done: number }> {
  const photo = facePhoto('Antony_Leung_0001');
  const { fmr1e2 } = model.manifest.calibration.thresholds;
  let state = startChallenge([step], fmr1e2, 0);
  for (let frame = 0; frame < FRAMES && state.outcome.kind === 'asking'; frame += 1) {
    const share = Math.max(0, (frame - STRAIGHT_FRAMES) / (FRAMES - STRAIGHT_FRAMES));
    const seen = await lookAtFrame(model, heldPhoto(photo, pose(share)));
    const atMs = (frame + 1) * FRAME_MS;
    const landmarks = seen.kind === 'none' ? null : seen.face.landmarks;
    state = advanceChallenge(
      state,
      seen.kind === 'described'
        ? { atMs, landmarks, descriptor: seen.descriptor }
        : { atMs, landmarks },
    );
  }
  // Something was asked for: otherwise this would show nothing.
  expect(state.straight).not.toBeNull();
  const { outcome } = state;
  return { end: outcome.kind === 'failed' ? outcome.why : outcome.kind, done: state.done };
}
/** There and back. */
const swing = (share: number, degrees: number): number => degrees * Math.sin(Math.PI * share);

const test = testWithShared('data/faces');

test('A printed photo that is turned in the hand is flat to the real landmark model, to either side', async () => {
  for (const [step, degrees] of [
    ['turn-left', 48],
    ['turn-right', -48],
  ] as const)
    expect(await held(step, (share) => ({ yaw: swing(share, degrees), pitch: 0 }))).toEqual({
      end: 'flat',
      done: 0,
    });
});

test('A printed photo that is tilted does not blink to the real landmark model', async () => {
  const { end, done } = await held('blink', (share) => ({ yaw: 0, pitch: swing(share, 35) }));
  expect(done).toBe(0);
  expect(['asking', 'flat']).toContain(end);
});
