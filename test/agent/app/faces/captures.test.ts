import { describe, expect, it } from 'vitest';
import {
  CAPTURES_MAX,
  createCaptures,
  type DescribedFrame,
} from '../../../../agent/app/faces/captures.ts';
import { failed, value } from '../rig.ts';
import { DIMENSIONS, described, MODEL, seenAs } from './face-rig.ts';

const frame = (values: Float32Array): DescribedFrame => described(values) as DescribedFrame;
const spoilt = (at: number, by: number): Float32Array => {
  const values = seenAs(1);
  values[at] = by;
  return values;
};

describe('descriptors that are none of this model are refused by a code', () => {
  const unit = { ...MODEL, normalisation: 'unit' as const };
  const other = { ...frame(seenAs(1)), model: { modelId: 'test-model', modelVersion: '2' } };
  it.each<[string, DescribedFrame, string]>([
    ['NaN', frame(spoilt(3, Number.NaN)), 'not-a-number'],
    ['infinite', frame(spoilt(3, Number.POSITIVE_INFINITY)), 'not-a-number'],
    ['zero', frame(new Float32Array(DIMENSIONS)), 'zero'],
    ['wrong-length', frame(seenAs(1).slice(1)), 'wrong-length'],
    ['of half a number', { ...frame(seenAs(1)), descriptor: 'AAAA' }, 'wrong-length'],
    ['other-model', other, 'other-model'],
  ])('%s', (_, given, why) => {
    const captures = createCaptures(MODEL);
    expect(failed(captures.add(given))).toEqual({
      code: 'capture-descriptor',
      field: 'descriptor',
      data: { why },
    });
    expect(captures.all).toEqual([]);
  });

  it('not of length one, where the model’s are', () => {
    expect(failed(createCaptures(unit).add(frame(seenAs(1, 0.5)))).data).toEqual({
      why: 'not-unit',
    });
    expect(value(createCaptures(unit).add(frame(seenAs(1, 0))))).toBe(true);
  });
});

describe('the captures of a session', () => {
  it('are of the one person with whom it began, at most so far apart', () => {
    const captures = createCaptures(MODEL);
    expect(value(captures.add(frame(seenAs(1, 0))))).toBe(true);
    expect(value(captures.add(frame(seenAs(1, 0.59))))).toBe(true);
    expect(value(captures.add(frame(seenAs(1, 0.61))))).toBe(false);
    captures.again();
    expect(value(captures.add(frame(seenAs(2, 0))))).toBe(false);
    captures.wipe();
    expect(value(captures.add(frame(seenAs(2, 0))))).toBe(true);
  });

  it('are the last few; what goes is overwritten', () => {
    const captures = createCaptures(MODEL);
    for (let n = 0; n < CAPTURES_MAX; n++) captures.add(frame(seenAs(1)));
    const kept = captures.all.map(({ descriptor }) => descriptor);
    expect(kept).toHaveLength(CAPTURES_MAX);
    captures.add(frame(seenAs(1)));
    expect(captures.all).toHaveLength(CAPTURES_MAX);
    expect(kept[0]?.every((number) => number === 0)).toBe(true);
    captures.wipe();
    for (const descriptor of kept) expect(descriptor.every((number) => number === 0)).toBe(true);
  });
});
