import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createGallery, GALLERY_MAX } from '../../../../agent/domain/face/gallery.ts';
import { createNearestList } from '../../../../agent/domain/face/nearest-list.ts';
import { agreeOnFrames, decideOpenSet } from '../../../../agent/domain/face/open-set.ts';
import { plainScan } from '../../../../agent/domain/face/squared-distances.ts';

const at = (...values: number[]) => Float32Array.from(values);

describe('the gallery', () => {
  test('answers the nearest person and the nearest other one', () => {
    const gallery = createGallery(2);
    gallery.add('near', at(2, 1));
    gallery.add('far', at(6, 1));
    gallery.add('next', at(1, 3));
    expect(gallery.nearest(at(1, 1))).toEqual({
      best: { person: 'near', distance: 1 },
      second: { person: 'next', distance: 2 },
    });
  });

  test('forgets a deleted person at once, whichever place the template had', () => {
    const people = ['a', 'b', 'c'];
    for (const gone of people) {
      const gallery = createGallery(2);
      people.forEach((person, index) => {
        gallery.add(person, at(index, 1));
      });
      expect(gallery.delete(gone)).toBe(true);
      expect(gallery.delete(gone)).toBe(false);
      const left = people.filter((person) => person !== gone);
      expect(gallery.shortlist(at(0, 1), 9).map(({ person }) => person)).toEqual(left);
    }
  });

  test('replaces the template of a person it knows', () => {
    const gallery = createGallery(2);
    gallery.add('a', at(9, 9));
    gallery.add('a', at(2, 1));
    expect(gallery.size).toBe(1);
    expect(gallery.nearest(at(1, 1)).best?.distance).toBe(1);
  });

  test.each([
    ['NaN', at(Number.NaN, 1)],
    ['an infinite number', at(Number.POSITIVE_INFINITY, 1)],
    ['nothing but zeros', at(0, 0)],
    ['too many numbers', at(1, 2, 3)],
    ['too few numbers', at(1)],
  ])('refuses a template with %s, and finds nobody for such a probe', (_, bad) => {
    const gallery = createGallery(2);
    expect(gallery.add('a', bad)).toBe(false);
    expect(gallery.size).toBe(0);
    gallery.add('a', at(1, 1));
    expect(gallery.nearest(bad).best).toBeNull();
    expect(gallery.distanceTo('a', bad)).toBeUndefined();
  });

  test('answers the distance to one person, and none to somebody it does not know', () => {
    const gallery = createGallery(2);
    gallery.add('a', at(1, 1));
    expect(gallery.distanceTo('a', at(4, 5))).toBe(5);
    expect(gallery.distanceTo('b', at(4, 5))).toBeUndefined();
  });

  test('overwrites what it deletes, clears or grows out of', () => {
    const memories: Float32Array[] = [];
    const plain = plainScan(2);
    const gallery = createGallery(2, 1_000, {
      ...plain,
      reserve: (rows) => {
        const memory = plain.reserve(rows);
        memories.push(memory);
        return memory;
      },
    });
    const numbers = () => memories.flatMap((memory) => [...memory]).filter((one) => one !== 0);
    for (let person = 0; person < 65; person++) gallery.add(`p${person}`, at(7, person + 1));
    expect(memories).toHaveLength(2);
    expect(numbers()).toHaveLength(130);
    gallery.delete('p3');
    expect(numbers()).toHaveLength(128);
    expect(numbers()).not.toContain(4);
    gallery.clear();
    expect(numbers()).toEqual([]);
    expect(gallery.size).toBe(0);
  });

  test('100,000 templates: the last one fits, is found among all, and one more is refused', () => {
    const gallery = createGallery(8);
    for (let person = 0; person < GALLERY_MAX; person++)
      gallery.add(`p${person}`, at(person, 1, 0, 0, 0, 0, 0, 0));
    expect(gallery.add('one more', at(1, 1, 1, 1, 1, 1, 1, 1))).toBe(false);
    expect(gallery.size).toBe(100_000);
    const { best, second } = gallery.nearest(at(99_999.2, 1, 0, 0, 0, 0, 0, 0));
    expect([best?.person, second?.person]).toEqual(['p99999', 'p99998']);
  });

  test('property: answers as a naive search does, after any adding, replacing and deleting', () => {
    const number = fc.integer({ min: -8, max: 8 }).filter((one) => one !== 0);
    const person = fc.integer({ min: 0, max: 30 }).map((one) => `p${one}`);
    const deed = (dimensions: number) =>
      fc.record({
        person,
        values: fc.option(fc.array(number, { minLength: dimensions, maxLength: dimensions })),
      });
    const game = fc
      .integer({ min: 1, max: 40 })
      .chain((dimensions) =>
        fc.tuple(
          fc.constant(dimensions),
          fc.array(deed(dimensions), { maxLength: 60 }),
          fc.array(number, { minLength: dimensions, maxLength: dimensions }),
          fc.integer({ min: 1, max: 12 }),
        ),
      );
    fc.assert(
      fc.property(game, ([dimensions, deeds, probe, count]) => {
        const gallery = createGallery(dimensions);
        const naive = new Map<string, readonly number[]>();
        for (const { person: who, values } of deeds)
          if (values === null) {
            expect(gallery.delete(who)).toBe(naive.delete(who));
          } else {
            expect(gallery.add(who, at(...values))).toBe(true);
            naive.set(who, values);
          }
        const far = (values: readonly number[]) =>
          Math.hypot(...values.map((one, place) => one - (probe[place] ?? 0)));
        const sorted = [...naive.values()].map(far).sort((a, b) => a - b);
        const found = gallery.shortlist(at(...probe), count);
        const distances = found.map(({ distance }) => distance);
        expect(distances.map((one) => one.toFixed(9))).toEqual(
          sorted.slice(0, count).map((one) => one.toFixed(9)),
        );
        // Whole numbers: each person named has exactly the distance told.
        for (const { person: who, distance } of found)
          expect(distance).toBeCloseTo(far(naive.get(who) ?? []), 9);
        expect(new Set(found.map((one) => one.person)).size).toBe(found.length);
      }),
    );
  });
});

test('a list that is full takes only who is nearer than its last', () => {
  const list = createNearestList(2);
  list.offer(7, 3);
  expect(list.limit).toBe(Number.POSITIVE_INFINITY);
  list.offer(8, 1);
  expect(list.limit).toBe(3);
  list.offer(9, 3);
  list.offer(10, Number.NaN);
  expect(list.rows().map(({ row }) => row)).toEqual([8, 7]);
  list.offer(11, 2);
  expect(list.rows().map(({ row }) => row)).toEqual([8, 11]);
  expect(list.limit).toBe(2);
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
