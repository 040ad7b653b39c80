import { expect, test } from 'vitest';
import { ENROL_POSE_DEGREES, isNewPose } from '../../../drivers/face/enrol-poses.ts';

const pose = (yawDegrees: number, pitchDegrees = 0) => ({ yawDegrees, pitchDegrees });

test('captures of one enrolment look to different sides, or up and down, by five degrees and more', () => {
  expect(isNewPose([], pose(0))).toBe(true);
  expect(isNewPose([pose(0)], pose(ENROL_POSE_DEGREES - 0.1))).toBe(false);
  expect(isNewPose([pose(0)], pose(-ENROL_POSE_DEGREES))).toBe(true);
  expect(isNewPose([pose(0)], pose(0, ENROL_POSE_DEGREES))).toBe(true);
  expect(isNewPose([pose(0), pose(8)], pose(4))).toBe(false);
  expect(isNewPose([], pose(Number.NaN))).toBe(false);
});
