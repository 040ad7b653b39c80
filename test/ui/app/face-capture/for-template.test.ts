import { expect, test } from 'vitest';
import type { FaceFrame } from '../../../../agent/contract/index.ts';
import { QUALITY_LIMITS, qualityFaults } from '../../../../drivers/face/quality.ts';
import { forTemplate } from '../../../../ui/app/face-capture/for-template.ts';

const quality = {
  widthPx: 180,
  yawDegrees: 0,
  pitchDegrees: 0,
  rollDegrees: 0,
  grey: 120,
  sharpness: 200,
};
const described = (score: number): FaceFrame => ({
  kind: 'described',
  model: { modelId: 'm', modelVersion: '1' },
  descriptor: 'AAAA',
  quality: { ...quality, score },
});

test('a frame that would do for a comparison is no part of a template, and nothing of it goes on', () => {
  const { scoreMin, enrolScoreMin } = QUALITY_LIMITS;
  expect(enrolScoreMin).toBeGreaterThan(scoreMin);
  const pose = { yawDegrees: 0, pitchDegrees: 0, rollDegrees: 0 };
  expect(qualityFaults({ ...quality, pose, score: enrolScoreMin - 0.01 })).toEqual([]);
  expect(forTemplate(described(enrolScoreMin - 0.01))).toEqual({
    kind: 'fault',
    fault: 'uncertain',
  });
  expect(forTemplate(described(enrolScoreMin))).toEqual(described(enrolScoreMin));
  expect(forTemplate(described(Number.NaN))).toEqual({ kind: 'fault', fault: 'uncertain' });
});

test('everything else goes on as it is', () => {
  const frames: FaceFrame[] = [
    { kind: 'fault', fault: 'blurred' },
    { kind: 'trouble', trouble: 'dark' },
    { kind: 'challenge', result: 'passed' },
  ];
  for (const frame of frames) expect(forTemplate(frame)).toBe(frame);
});
