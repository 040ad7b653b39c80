import { beforeAll, describe, expect, test } from 'vitest';
import { openModel } from '../../../agent/main/face/open-model.ts';
import { advanceChallenge, startChallenge } from '../../../drivers/face/challenge.ts';
import type { ChallengeMovement } from '../../../drivers/face/challenge-order.ts';
import { DEFAULT_MODEL } from '../../../drivers/face/default-model.ts';
import { distanceOf } from '../../../drivers/face/descriptor.ts';
import { createActor } from '../../../drivers/face/drawn/actor.ts';
import {
  type DrawnFrame,
  drawFrame,
  drawnHead,
  type HeadPose,
  STRAIGHT,
} from '../../../drivers/face/drawn/draw-face.ts';
import type { FaceEmbedder } from '../../../drivers/face/embedder.ts';
import { type FrameLook, lookAtFrame } from '../../../drivers/face/frame-look.ts';
import { poseOf } from '../../../drivers/face/quality.ts';
import { CAST } from '../../../ui/app/face-capture/sim/cast.ts';

const [WIDTH, HEIGHT] = [640, 480];
const LIMIT_MS = 120_000;
const [ANYBODY = 1] = CAST;
/** As far apart as the frames of a till's camera under load. */
const FRAME_MS = 200;
const { fmr1e3 } = DEFAULT_MODEL.calibration.thresholds;

let model: FaceEmbedder;
beforeAll(async () => {
  const opened = await openModel();
  if (!opened.ok) throw new Error(opened.error.code);
  model = opened.value;
}, LIMIT_MS);

function frameOf(seed: number, pose: Partial<HeadPose> = {}, light = 1, nth = 1): DrawnFrame {
  const frame = { data: new Uint8ClampedArray(WIDTH * HEIGHT * 4), width: WIDTH, height: HEIGHT };
  drawFrame(frame, [{ head: drawnHead(seed), pose: { ...STRAIGHT, ...pose } }], light, nth);
  return frame;
}

const lookAt = (frame: DrawnFrame): Promise<FrameLook> => lookAtFrame(model, frame);

async function descriptorOf(frame: DrawnFrame): Promise<Float32Array> {
  const look = await lookAt(frame);
  if (look.kind !== 'described') throw new Error(`not described: ${look.fault}`);
  return look.descriptor;
}

describe('drawn people, who are nobody', () => {
  test('one number is the same picture for ever, another number another one', () => {
    expect(frameOf(5).data).toEqual(frameOf(5).data);
    expect(frameOf(5).data).not.toEqual(frameOf(6).data);
    expect(frameOf(5, {}, 1, 2).data).not.toEqual(frameOf(5).data);
  });

  test(
    'the shipped model finds those of the simulated camera, good enough for a template, and tells them apart',
    async () => {
      const described = [];
      for (const seed of CAST) {
        const look = await lookAt(frameOf(seed));
        expect([seed, look.kind]).toEqual([seed, 'described']);
        if (look.kind !== 'described') continue;
        expect(look.quality.score).toBeGreaterThan(0.7);
        described.push(look.descriptor);
        const again = await descriptorOf(frameOf(seed, { yaw: 12, pitch: -4 }, 1, 9));
        expect(distanceOf(look.descriptor, again)).toBeLessThan(fmr1e3);
        for (const other of described.slice(0, -1))
          expect(distanceOf(look.descriptor, other)).toBeGreaterThan(fmr1e3);
      }
    },
    LIMIT_MS,
  );

  test(
    'a turned head is seen as turned; a dark, an empty and a shared picture are what they are',
    async () => {
      const [seed = 1, other = 2] = CAST;
      const [face] = await model.find(frameOf(seed, { yaw: 20 }));
      expect(poseOf(face?.landmarks ?? []).yawDegrees).toBeCloseTo(20, -1);
      expect(await lookAt(frameOf(seed, {}, 0.12))).not.toMatchObject({ kind: 'described' });
      const frame = frameOf(seed);
      drawFrame(frame, [], 1, 1);
      expect(await lookAt(frame)).toMatchObject({ fault: 'no-face' });
      const beside = [
        { head: drawnHead(seed), pose: { ...STRAIGHT, size: 0.5, x: -0.32 } },
        { head: drawnHead(other), pose: { ...STRAIGHT, size: 0.5, x: 0.34 } },
      ];
      drawFrame(frame, beside, 1, 1);
      expect(await lookAt(frame)).toMatchObject({ fault: 'several-faces' });
    },
    LIMIT_MS,
  );
});

/** A challenge before the drawn head of a number, as the capture page holds it. */
async function challenged(
  seed: number,
  order: readonly ChallengeMovement[],
  obeys: boolean,
): Promise<unknown> {
  const actor = createActor();
  const head = drawnHead(seed);
  const frame = frameOf(seed);
  let state = startChallenge(order, fmr1e3, 0);
  for (let atMs = FRAME_MS; state.outcome.kind === 'asking'; atMs += FRAME_MS) {
    const asked = state.phase === 'move' ? state.steps[state.done] : undefined;
    if (obeys && asked !== undefined && !actor.isBusy(atMs)) actor.perform(asked, atMs);
    drawFrame(frame, [{ head, pose: actor.poseAt(atMs) }], 1, atMs);
    const look = await lookAt(frame);
    state = advanceChallenge(state, {
      atMs,
      landmarks: look.kind === 'none' ? null : look.face.landmarks,
      ...(look.kind === 'described' ? { descriptor: look.descriptor } : {}),
    });
  }
  return state.outcome;
}

describe('a challenge, from pictures of a synthetic head to landmarks of the shipped model to its end', () => {
  test.each([[['turn-left', 'blink', 'nearer']], [['nearer', 'turn-right', 'blink']]] as const)(
    'is passed by a head that makes the movements: %s',
    async (order) => {
      expect(await challenged(ANYBODY, order, true)).toEqual({ kind: 'passed' });
    },
    LIMIT_MS,
  );

  test(
    'is not passed by one that makes none',
    async () => {
      expect(await challenged(ANYBODY, ['turn-left', 'blink', 'nearer'], false)).toEqual({
        kind: 'timed-out',
      });
    },
    LIMIT_MS,
  );
});
