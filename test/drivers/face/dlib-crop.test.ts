import { expect, test } from 'vitest';
import { dlibCrop } from '../../../drivers/face/dlib-crop.ts';
import type { Point } from '../../../drivers/face/embedder.ts';

/** Eyes at height 100, mouth at height 145, all other points somewhere else. */
function face(moveX = 0): Point[] {
  return Array.from({ length: 68 }, (_, at) => {
    if (at < 36) return { x: moveX, y: 0 };
    if (at < 42) return { x: moveX + 80, y: 100 };
    if (at < 48) return { x: moveX + 120, y: 100 };
    return { x: moveX + 100, y: 145 };
  });
}

test('the crop is as many eye-to-mouth ways wide as the model was trained with, about the middle of eyes and mouth', () => {
  // From eye to mouth: the root of 20² + 45² = 49.2, which is 0.45 of the side; the middle lies at (100, 115).
  expect(dlibCrop(face())).toEqual({ left: 45, top: 68, size: 109 });
});

test('a crop that hangs over the left edge begins at the edge', () => {
  expect(dlibCrop(face(-60))).toEqual({ left: 0, top: 68, size: 109 });
});
