/** How far apart two captures of one enrolment look, in degrees: frames of one pose are one picture many times. */
export const ENROL_POSE_DEGREES = 5;

/** Where a face looks. */
export interface PoseAngles {
  readonly yawDegrees: number;
  readonly pitchDegrees: number;
}

/** Whether a capture looks elsewhere than all that were taken; an angle that is no number never does. */
export function isNewPose(
  taken: readonly PoseAngles[],
  { yawDegrees, pitchDegrees }: PoseAngles,
): boolean {
  return (
    Number.isFinite(yawDegrees + pitchDegrees) &&
    taken.every(
      (one) =>
        Math.hypot(one.yawDegrees - yawDegrees, one.pitchDegrees - pitchDegrees) >=
        ENROL_POSE_DEGREES,
    )
  );
}
