import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FaceMotion, motionOf, shapeOf } from '../../../drivers/face/challenge-geometry.ts';
import type { Point } from '../../../drivers/face/embedder.ts';
import { planeMapOf } from '../../../drivers/face/plane-map.ts';
import { headLandmarks, photoLandmarks, STILL } from '../../support/head-track.ts';

// Heads and photographs here are synthetic: see `test/support/head-track.ts`.

function motion(before: Point[], after: Point[]): FaceMotion {
  const [straight, shape] = [shapeOf(before), shapeOf(after)];
  const found = straight === null || shape === null ? null : motionOf(straight, shape);
  if (found === null) throw new Error('no motion');
  return found;
}
const angle = (max: number) => fc.double({ min: -max, max, noNaN: true });

describe('The motion of a face', () => {
  test('leaves the nose of anything flat where it was and its lids open, however near and steep it is held', () => {
    fc.assert(
      fc.property(
        angle(60),
        angle(60),
        angle(40),
        angle(2),
        fc.double({ min: 2.5, max: 14, noNaN: true }),
        (yaw, pitch, roll, x, distance) => {
          const held = photoLandmarks({ ...STILL, yaw, pitch, roll, x, distance });
          const { parallaxX, parallaxY, lids } = motion(photoLandmarks(STILL), held);
          expect(Math.hypot(parallaxX, parallaxY)).toBeLessThan(0.001);
          expect(lids).toBeCloseTo(1, 2);
        },
      ),
    );
  });

  test("moves the nose of a head to the side of its turn, in the member's own sense", () => {
    const straight = headLandmarks(STILL);
    for (const yaw of [15, 20, 30, 40]) {
      const left = motion(straight, headLandmarks({ ...STILL, yaw }));
      const right = motion(straight, headLandmarks({ ...STILL, yaw: -yaw }));
      expect(left.parallaxX).toBeGreaterThan(0.1);
      expect(right.parallaxX).toBeCloseTo(-left.parallaxX);
      expect(left.yawDegrees).toBeGreaterThan(0.6 * yaw);
    }
    expect(motion(straight, headLandmarks({ ...STILL, pitch: 20 })).parallaxY).toBeGreaterThan(0.1);
  });

  test('does not depend on where the face is in the picture, how large it is or how it leans', () => {
    fc.assert(
      fc.property(
        angle(40),
        angle(300),
        angle(300),
        fc.double({ min: 0.3, max: 3, noNaN: true }),
        (lean, dx, dy, size) => {
          const [cos, sin] = [Math.cos(lean / 57.3) * size, Math.sin(lean / 57.3) * size];
          const placed = headLandmarks({ ...STILL, yaw: 18, lids: 0.4 }).map(({ x, y }) => ({
            x: cos * x - sin * y + dx,
            y: sin * x + cos * y + dy,
          }));
          const there = motion(headLandmarks(STILL), placed);
          const here = motion(
            headLandmarks(STILL),
            headLandmarks({ ...STILL, yaw: 18, lids: 0.4 }),
          );
          expect(there.parallaxX).toBeCloseTo(here.parallaxX, 6);
          expect(there.lids).toBeCloseTo(here.lids, 6);
          expect(there.yawDegrees).toBeCloseTo(here.yawDegrees, 6);
          expect(there.nearer).toBeCloseTo(here.nearer * size, 6);
        },
      ),
    );
  });

  test('tells shut lids and a smaller distance', () => {
    const straight = headLandmarks(STILL);
    expect(motion(straight, headLandmarks({ ...STILL, lids: 0.2 })).lids).toBeLessThan(0.35);
    const near = motion(straight, headLandmarks({ ...STILL, distance: STILL.distance / 1.3 }));
    expect(near.nearer).toBeCloseTo(1.3, 1);
  });
});

test('a plane map finds a known one again, and none for points on one line or too few', () => {
  const from = [0, 1, 2, 3, 4, 5].map((index) => ({ x: index % 3, y: Math.floor(index / 2) }));
  const to = from.map(({ x, y }) => {
    const w = 1 + 0.1 * x - 0.05 * y;
    return { x: (2 * x - y + 3) / w, y: (x + y - 1) / w };
  });
  const map = planeMapOf(from, to);
  from.forEach((point, index) => {
    expect(map?.apply(point).x).toBeCloseTo(to[index]?.x ?? Number.NaN, 6);
    expect(map?.apply(point).y).toBeCloseTo(to[index]?.y ?? Number.NaN, 6);
  });
  const line = from.map((_, index) => ({ x: index, y: 2 * index }));
  expect(planeMapOf(line, line)).toBeNull();
  expect(planeMapOf(from.slice(0, 3), to.slice(0, 3))).toBeNull();
  const stretched = planeMapOf(
    from,
    from.map(({ x, y }) => ({ x: 3 * x, y })),
  );
  expect(stretched?.stretchAt({ x: 1, y: 1 })[0]).toBeCloseTo(1, 4);
  expect(stretched?.stretchAt({ x: 1, y: 1 })[1]).toBeCloseTo(3, 4);
});
