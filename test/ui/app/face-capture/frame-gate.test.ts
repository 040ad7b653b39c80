import { describe, expect, test } from 'vitest';
import {
  type FaceFrame,
  faceFrameSchema,
  SESSION_MAX_FRAMES,
} from '../../../../agent/contract/index.ts';
import { descriptorBase64, toFaceFrame } from '../../../../ui/app/face-capture/face-frame.ts';
import {
  createFrameGate,
  DESCRIBED_INTERVAL_MS,
  FAULT_INTERVAL_MS,
} from '../../../../ui/app/face-capture/frame-gate.ts';

const quality = {
  widthPx: 150,
  score: 0.9,
  pose: { yawDegrees: 1, pitchDegrees: 2, rollDegrees: 3 },
  grey: 120,
  sharpness: 80,
};
const face = { box: { x: 0, y: 0, width: 150, height: 150 }, score: 0.9, landmarks: [] };
const model = { modelId: 'face-api-128', modelVersion: '1.7.15' };
const described = toFaceFrame(
  { kind: 'described', face, quality, descriptor: Float32Array.of(1, -2.5) },
  model,
);
const fault = (name: 'no-face' | 'blurred'): FaceFrame => ({ kind: 'fault', fault: name });

describe('What the agent is told of a frame', () => {
  test('is a message of the contract: figures and a descriptor, neither box nor landmarks', () => {
    expect(faceFrameSchema.parse(described)).toEqual({
      kind: 'described',
      model,
      descriptor: 'AACAPwAAIMA=',
      quality: {
        widthPx: 150,
        score: 0.9,
        yawDegrees: 1,
        pitchDegrees: 2,
        rollDegrees: 3,
        grey: 120,
        sharpness: 80,
      },
    });
    expect(toFaceFrame({ kind: 'seen', fault: 'blurred', face, quality }, model)).toEqual(
      fault('blurred'),
    );
  });

  test('holds each number as four bytes, the low one first', () => {
    const bytes = Buffer.from(descriptorBase64(Float32Array.of(0.25, 3e-5)), 'base64');
    expect(bytes.readFloatLE(0)).toBe(0.25);
    expect(bytes.readFloatLE(4)).toBe(Math.fround(3e-5));
  });
});

describe('The gate before the agent', () => {
  test('lets descriptors through at their interval and not oftener', () => {
    const gate = createFrameGate();
    expect(gate.pass(described, 0)).toBe('send');
    expect(gate.pass(described, DESCRIBED_INTERVAL_MS - 1)).toBe('drop');
    expect(gate.pass(described, DESCRIBED_INTERVAL_MS)).toBe('send');
  });

  test('lets descriptors of an enrolment through only from poses that differ', () => {
    const gate = createFrameGate(true);
    const looking = (yawDegrees: number) =>
      toFaceFrame(
        {
          kind: 'described',
          face,
          quality: { ...quality, pose: { ...quality.pose, yawDegrees } },
          descriptor: Float32Array.of(1),
        },
        model,
      );
    const answers = [0, 2, 6, 1, 12].map((yaw, index) =>
      gate.pass(looking(yaw), index * DESCRIBED_INTERVAL_MS),
    );
    expect(answers).toEqual(['send', 'drop', 'send', 'drop', 'send']);
  });

  test('tells a fault once until it changes, goes away or lasts', () => {
    const gate = createFrameGate();
    expect(gate.pass(fault('no-face'), 0)).toBe('send');
    expect(gate.pass(fault('no-face'), FAULT_INTERVAL_MS - 1)).toBe('drop');
    expect(gate.pass(fault('blurred'), FAULT_INTERVAL_MS - 1)).toBe('send');
    gate.pass(described, FAULT_INTERVAL_MS);
    expect(gate.pass(fault('blurred'), FAULT_INTERVAL_MS + DESCRIBED_INTERVAL_MS)).toBe('send');
    expect(gate.pass(fault('blurred'), 3 * FAULT_INTERVAL_MS)).toBe('send');
  });

  test('tells faults that alternate no oftener than faces', () => {
    const gate = createFrameGate();
    expect(gate.pass(fault('no-face'), 0)).toBe('send');
    expect(gate.pass(fault('blurred'), DESCRIBED_INTERVAL_MS - 1)).toBe('drop');
    expect(gate.pass(fault('blurred'), DESCRIBED_INTERVAL_MS)).toBe('send');
  });

  test('always lets the end of a challenge and troubles through, up to the frames of one session', () => {
    const gate = createFrameGate();
    const end: FaceFrame = { kind: 'challenge', result: 'passed' };
    for (let sent = 0; sent < SESSION_MAX_FRAMES; sent += 1) expect(gate.pass(end, 0)).toBe('send');
    expect(gate.pass(end, 0)).toBe('full');
  });
});
