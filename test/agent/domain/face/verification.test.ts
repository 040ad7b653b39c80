import { expect, test } from 'vitest';
import {
  equalErrorRate,
  pointAt,
  wilsonInterval,
} from '../../../../agent/domain/face/verification.ts';

const of = (...values: number[]) => Float64Array.from(values);

test('the threshold is the largest distance that accepts no more strangers than wanted', () => {
  const impostor = Float64Array.from({ length: 100 }, (_, at) => at + 1);
  const point = pointAt(0.02, of(0.5, 2, 2.5, 3), impostor);
  expect(point).toMatchObject({ fmr: 0.02, threshold: 2, tmr: 0.5 });
});

test('equal distances of strangers stand or fall together', () => {
  expect(pointAt(0.5, of(1, 2), of(1, 2, 2, 2))?.threshold).toBe(1);
});

test('a rate that the comparisons are too few to show has no point', () => {
  expect(pointAt(0.01, of(1), of(1, 2, 3))).toBeNull();
});

test('the interval is that of Wilson: 81 of 263 gives 0.255 to 0.366', () => {
  const [low, high] = wilsonInterval(81, 263);
  expect(low).toBeCloseTo(0.2553, 4);
  expect(high).toBeCloseTo(0.3662, 4);
  expect(wilsonInterval(0, 0)).toEqual([0, 1]);
});

test('the equal error rate is none for parted sets and a half for the same set', () => {
  expect(equalErrorRate(of(1, 2), of(3, 4))).toBe(0);
  expect(equalErrorRate(of(1, 2, 3, 4), of(1, 2, 3, 4))).toBeCloseTo(0.5);
  expect(equalErrorRate(of(), of(1))).toBeNull();
});
