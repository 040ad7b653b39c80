import { describe, expect, test } from 'vitest';
import { createGallery, GALLERY_MAX } from '../../../../agent/domain/face/gallery.ts';
import { agreeOnFrames, decideOpenSet } from '../../../../agent/domain/face/open-set.ts';

const at = (...values: number[]) => Float32Array.from(values);

describe('the gallery', () => {
  test('answers the nearest person and the nearest other one', () => {
    const gallery = createGallery(2);
    gallery.add('near', at(1, 0));
    gallery.add('far', at(5, 0));
    gallery.add('next', at(0, 2));
    expect(gallery.nearest(at(0, 0))).toEqual({
      best: { person: 'near', distance: 1 },
      second: { person: 'next', distance: 2 },
    });
  });

  test('forgets a deleted person at once, whichever place the template had', () => {
    const people = ['a', 'b', 'c'];
    for (const gone of people) {
      const gallery = createGallery(2);
      people.forEach((person, index) => {
        gallery.add(person, at(index, 0));
      });
      expect(gallery.delete(gone)).toBe(true);
      expect(gallery.delete(gone)).toBe(false);
      const left = people.filter((person) => person !== gone);
      expect(gallery.shortlist(at(0, 0), 9).map(({ person }) => person)).toEqual(left);
    }
  });

  test('replaces the template of a person it knows', () => {
    const gallery = createGallery(2);
    gallery.add('a', at(9, 9));
    gallery.add('a', at(1, 0));
    expect(gallery.size).toBe(1);
    expect(gallery.nearest(at(0, 0)).best?.distance).toBe(1);
  });

  test('refuses NaN and wrong-length templates, and finds nobody for such a probe', () => {
    const gallery = createGallery(2);
    expect(gallery.add('a', at(Number.NaN, 0))).toBe(false);
    expect(gallery.add('a', at(1, 2, 3))).toBe(false);
    gallery.add('a', at(0, 0));
    expect(gallery.nearest(at(Number.NaN, 0)).best).toBeNull();
    expect(gallery.nearest(at(1, 2, 3)).best).toBeNull();
  });

  test('100,000 templates: the last one fits, is found among all, and one more is refused', () => {
    const gallery = createGallery(8);
    for (let person = 0; person < GALLERY_MAX; person++)
      gallery.add(`p${person}`, at(person, 0, 0, 0, 0, 0, 0, 0));
    expect(gallery.add('one more', new Float32Array(8))).toBe(false);
    expect(gallery.size).toBe(100_000);
    const { best, second } = gallery.nearest(at(99_999.2, 0, 0, 0, 0, 0, 0, 0));
    expect([best?.person, second?.person]).toEqual(['p99999', 'p99998']);
  });

  test('gives the same shortlist as sorting all distances, by 600 seeded templates', () => {
    let state = 7;
    const random = () => {
      state = (state * 48_271) % 2_147_483_647;
      return state / 2_147_483_647;
    };
    const vector = () => Float32Array.from({ length: 64 }, random);
    const gallery = createGallery(64);
    const all = Array.from({ length: 600 }, (_, person) => ({ person: `p${person}`, v: vector() }));
    for (const { person, v } of all) gallery.add(person, v);
    const probe = vector();
    const far = (v: Float32Array) => v.reduce((s, one, i) => s + (one - (probe[i] ?? 0)) ** 2, 0);
    const sorted = all.toSorted((a, b) => far(a.v) - far(b.v)).map(({ person }) => person);
    expect(gallery.shortlist(probe, 10).map(({ person }) => person)).toEqual(sorted.slice(0, 10));
  });
});

describe('the open-set rule', () => {
  const rule = { threshold: 0.5, margin: 0.1 };
  const near = (best: number, second?: number) => ({
    best: { person: 'a', distance: best },
    second: second === undefined ? null : { person: 'b', distance: second },
  });

  test('names a person within the threshold and clearly before the second', () => {
    expect(decideOpenSet(near(0.5, 0.61), rule).kind).toBe('named');
    expect(decideOpenSet(near(0.5), rule).kind).toBe('named');
  });

  test('calls a stranger unknown, and two people who are alike ambiguous', () => {
    expect(decideOpenSet(near(0.51, 0.9), rule).kind).toBe('unknown');
    expect(decideOpenSet(near(Number.NaN), rule).kind).toBe('unknown');
    expect(decideOpenSet({ best: null, second: null }, rule).kind).toBe('unknown');
    expect(decideOpenSet(near(0.4, 0.45), rule).kind).toBe('ambiguous');
  });

  test('two of three frames have to agree, and none may name somebody else', () => {
    const a = { kind: 'named', person: 'a', distance: 0.4 } as const;
    const b = { kind: 'named', person: 'b', distance: 0.3 } as const;
    const unknown = { kind: 'unknown' } as const;
    expect(agreeOnFrames([a, unknown, a])).toEqual(a);
    expect(agreeOnFrames([a, unknown, unknown]).kind).toBe('unknown');
    expect(agreeOnFrames([a, a, b]).kind).toBe('ambiguous');
    expect(agreeOnFrames([a, a, unknown, unknown]).kind).toBe('unknown');
  });
});
