import { expect, test } from 'vitest';
import {
  DUPLICATE_LIMIT_FULL_UP_TO,
  duplicateLimit,
} from '../../../../agent/domain/face-consent/duplicate-limit.ts';
import { DEFAULT_MODEL } from '../../../../drivers/face/default-model.ts';

const { thresholds } = DEFAULT_MODEL.calibration;

test.each([
  [0, 0.41],
  [DUPLICATE_LIMIT_FULL_UP_TO, 0.41],
  [1_000, 0.37],
  [10_000, 0.33],
  [100_000, 0.29],
])('among %i faces the shipped model takes two for one person up to %f', (enrolled, limit) => {
  expect(duplicateLimit(thresholds, enrolled)).toBeCloseTo(limit, 10);
});

test('the limit never grows with the gallery, begins at its edge, and is no less than zero', () => {
  expect(duplicateLimit(thresholds, DUPLICATE_LIMIT_FULL_UP_TO + 1)).toBeLessThan(0.41);
  expect(duplicateLimit({ fmr1e3: 9, fmr1e4: 1 }, 100_000)).toBe(0);
});
