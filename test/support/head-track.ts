import type { ChallengeSample } from '../../drivers/face/challenge.ts';
import type { Point } from '../../drivers/face/embedder.ts';

/**
 * Synthetic landmark tracks: no head was filmed. A stylised head of 68 points in space, in distances between the eyes,
 * is turned and seen through a pinhole camera; noise is put on the pixels. What a real landmark model makes of a real
 * head differs, above all of shut eyes.
 */
interface SpacePoint extends Point {
  /** Towards the camera. */
  readonly z: number;
}

/** How a head is held; angles in degrees, `yaw` towards the member's own left, `distance` in distances of the eyes. */
export interface HeadPose {
  readonly yaw: number;
  readonly pitch: number;
  readonly roll: number;
  /** Opening of the lids: one = open. */
  readonly lids: number;
  readonly distance: number;
  readonly x: number;
  readonly y: number;
}

/** Sixty centimetres before a camera that shows the eyes a hundred pixels apart. */
export const STILL: HeadPose = { yaw: 0, pitch: 0, roll: 0, lids: 1, distance: 9.5, x: 0, y: 0 };
const FOCAL_PX = 950;
const CENTRE = { x: 320, y: 200 };
/** A head turns about its neck, not about its eyes. */
const NECK_Z = -1.2;

const at = (x: number, y: number, z: number): SpacePoint => ({ x, y, z });
const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

function headPoints(lids: number): SpacePoint[] {
  const jaw = range(17).map((index) => {
    const angle = (Math.PI * index) / 16;
    return at(
      -1.1 * Math.cos(angle),
      1.75 * Math.sin(angle) ** 0.9,
      -(Math.abs(Math.cos(angle)) ** 1.5) - 0.05,
    );
  });
  const brow = range(5).map((index) =>
    at(-0.95 + 0.19 * index, -0.38 - 0.08 * Math.sin((Math.PI * index) / 4), -0.1 + 0.06 * index),
  );
  const bridge = range(4).map((index) => at(0, 0.02 + 0.18 * index, 0.12 + 0.13 * index));
  const nostrils = range(5).map((index) =>
    at(-0.24 + 0.12 * index, 0.7 - 0.02 * Math.abs(2 - index), 0.34 - 0.07 * Math.abs(2 - index)),
  );
  const [upper, lower] = [-0.09 * lids, 0.07 * lids];
  const leftEye = [
    at(-0.74, 0, -0.12),
    at(-0.58, upper, -0.03),
    at(-0.42, upper, -0.02),
    at(-0.27, 0.01, -0.05),
    at(-0.42, lower, -0.02),
    at(-0.58, lower, -0.03),
  ];
  const lips = (half: number, high: number, low: number, count: number): SpacePoint[] =>
    range(count).map((index) => {
      const angle = Math.PI + (2 * Math.PI * index) / count;
      const x = half * Math.cos(angle);
      return at(x, 1.02 + (Math.sin(angle) < 0 ? high : low) * Math.sin(angle), 0.12 - 0.8 * x * x);
    });
  const mirrored = (points: readonly SpacePoint[], order: readonly number[]): SpacePoint[] =>
    order.map((index) => {
      const { x, y, z } = points[index] ?? at(0, 0, 0);
      return at(-x, y, z);
    });
  return [
    ...jaw,
    ...brow,
    ...mirrored(brow, [4, 3, 2, 1, 0]),
    ...bridge,
    ...nostrils,
    ...leftEye,
    ...mirrored(leftEye, [3, 2, 1, 0, 5, 4]),
    ...lips(0.38, 0.11, 0.14, 12),
    ...lips(0.3, 0.03, 0.03, 8),
  ];
}

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

function turned(point: SpacePoint, pose: HeadPose, pivotZ: number): SpacePoint {
  const [yaw, pitch, roll] = [radians(pose.yaw), radians(pose.pitch), radians(pose.roll)];
  const z = point.z - pivotZ;
  const [x1, z1] = [
    point.x * Math.cos(yaw) + z * Math.sin(yaw),
    -point.x * Math.sin(yaw) + z * Math.cos(yaw),
  ];
  const [y2, z2] = [
    point.y * Math.cos(pitch) + z1 * Math.sin(pitch),
    -point.y * Math.sin(pitch) + z1 * Math.cos(pitch),
  ];
  return at(
    x1 * Math.cos(roll) - y2 * Math.sin(roll),
    x1 * Math.sin(roll) + y2 * Math.cos(roll),
    z2 + pivotZ,
  );
}

function seen({ x, y, z }: SpacePoint, pose: HeadPose): Point {
  const scale = FOCAL_PX / (pose.distance - z);
  return { x: CENTRE.x + (x + pose.x) * scale, y: CENTRE.y + (y + pose.y) * scale };
}

/** The landmarks of a head, in pixels. */
export function headLandmarks(pose: HeadPose): Point[] {
  return headPoints(pose.lids).map((point) => seen(turned(point, pose, NECK_Z), pose));
}

/** The landmarks of a printed photograph of a head as in `printed`, held as in `pose`. */
export function photoLandmarks(pose: HeadPose, printed: HeadPose = STILL): Point[] {
  return headLandmarks(printed).map(({ x, y }) => {
    const scale = printed.distance / FOCAL_PX;
    const flat = at((x - CENTRE.x) * scale, (y - CENTRE.y) * scale, 0);
    return seen(turned(flat, pose, 0), pose);
  });
}

/** A pose at a time; between two the pose changes evenly. */
export interface KeyPose extends Partial<HeadPose> {
  readonly atMs: number;
}

export interface TrackOptions {
  readonly framesPerSecond?: number;
  /** Standard deviation, more or less, of the noise of each landmark. */
  readonly noisePx?: number;
  readonly landmarks?: (pose: HeadPose) => Point[];
  /** What describes whoever is there at a time. */
  readonly person?: (atMs: number) => Float32Array;
}

export const SOMEBODY = Float32Array.of(1, 0);
export const SOMEBODY_ELSE = Float32Array.of(0, 1);
/** Beyond this the gates describe nobody. */
const DESCRIBED_DEGREES = 20;

/** The frames of a head that moves from pose to pose, the last one held for half a second. */
export function headTrack(keys: readonly KeyPose[], options: TrackOptions = {}): ChallengeSample[] {
  const {
    framesPerSecond = 7.5,
    noisePx = 1,
    landmarks = headLandmarks,
    person = () => SOMEBODY,
  } = options;
  const noise = createNoise(noisePx);
  const endMs = (keys.at(-1)?.atMs ?? 0) + 500;
  const frames = Math.floor((endMs * framesPerSecond) / 1_000);
  return range(frames).map((frame) => {
    const atMs = (frame * 1_000) / framesPerSecond;
    const pose = poseAt(keys, atMs);
    const points = landmarks(pose).map(({ x, y }) => ({ x: x + noise(), y: y + noise() }));
    return Math.abs(pose.yaw) <= DESCRIBED_DEGREES
      ? { atMs, landmarks: points, descriptor: person(atMs) }
      : { atMs, landmarks: points };
  });
}

/** A pose on the way between two. */
function poseAt(keys: readonly KeyPose[], atMs: number): HeadPose {
  let [before, pose] = [
    { atMs: 0, ...STILL },
    { atMs: 0, ...STILL },
  ];
  for (const key of keys) {
    before = pose;
    pose = { ...pose, ...key };
    if (key.atMs >= atMs) break;
  }
  const span = pose.atMs - before.atMs;
  const share = span === 0 ? 1 : Math.min(1, Math.max(0, (atMs - before.atMs) / span));
  const between = (name: keyof HeadPose): number =>
    before[name] + share * (pose[name] - before[name]);
  return {
    yaw: between('yaw'),
    pitch: between('pitch'),
    roll: between('roll'),
    lids: between('lids'),
    distance: between('distance'),
    x: between('x'),
    y: between('y'),
  };
}

/** The same noise every time (a linear congruence), roughly normal. */
function createNoise(deviation: number): () => number {
  let state = 42;
  const uniform = (): number => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296 - 0.5;
  };
  return () => deviation * (uniform() + uniform() + uniform()) * 2;
}
