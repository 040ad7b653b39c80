import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createGallery } from '../../../../agent/domain/face/gallery.ts';
import { KERNEL_STEP, loadKernel } from '../../../../agent/main/face/gallery-kernel.ts';
import { fastScan } from '../../../../agent/main/face/gallery-scan.ts';
import { distanceOf } from '../../../../drivers/face/descriptor.ts';

const number = fc.double({ min: -2, max: 2, noNaN: true }).map(Math.fround);
const vector = (dimensions: number) =>
  fc
    .array(number, { minLength: dimensions, maxLength: dimensions })
    .map((values) => Float32Array.from(values))
    .filter((values) => values.some((one) => one !== 0));

describe('the pass in WebAssembly', () => {
  test('runs here: the kernel is a valid module', () => {
    expect(loadKernel(1)).not.toBeNull();
  });

  test('property: gives the people and distances of a naive search, whatever the length of descriptors', () => {
    const game = fc
      .integer({ min: 1, max: 4 })
      .chain((steps) => fc.constantFrom(steps * KERNEL_STEP, steps * KERNEL_STEP - 3))
      .chain((dimensions) =>
        fc.tuple(
          fc.constant(dimensions),
          fc.array(vector(dimensions), { maxLength: 40 }),
          vector(dimensions),
          fc.integer({ min: 1, max: 12 }),
        ),
      );
    fc.assert(
      fc.property(game, ([dimensions, templates, probe, count]) => {
        const gallery = createGallery(dimensions, undefined, fastScan(dimensions));
        for (const [at, template] of templates.entries()) gallery.add(`p${at}`, template);
        const naive = templates.map((one) => distanceOf(one, probe)).sort((a, b) => a - b);
        const found = gallery.shortlist(probe, count);
        expect(found.map(({ distance }) => distance)).toEqual(
          naive.slice(0, count).map((distance) => expect.closeTo(distance, 9)),
        );
        for (const { person, distance } of found)
          expect(distance).toBeCloseTo(gallery.distanceTo(person, probe) ?? -1, 9);
      }),
    );
  });

  test('finds the last of more rows than one block and one page of memory hold', () => {
    const dimensions = 128;
    const gallery = createGallery(dimensions, undefined, fastScan(dimensions));
    const of = (first: number) => new Float32Array(dimensions).fill(1).with(0, first);
    for (let person = 0; person < 2_500; person++) gallery.add(`p${person}`, of(person));
    for (const person of [0, 1_023, 1_024, 2_047, 2_048, 2_499])
      expect(gallery.nearest(of(person + 0.2)).best?.person).toBe(`p${person}`);
    gallery.delete('p2499');
    expect(gallery.nearest(of(2_499)).best?.person).toBe('p2498');
  });

  test('two rows whose 32-bit sums are equal are told apart by their 64-bit ones', () => {
    const dimensions = 64;
    const gallery = createGallery(dimensions, undefined, fastScan(dimensions));
    const base = new Float32Array(dimensions).fill(1_000);
    gallery.add('far', base.with(1, 1_000.0001220703125 + 0.25));
    gallery.add('near', base.with(1, 1_000.25));
    expect(gallery.shortlist(new Float32Array(dimensions).fill(1), 1)[0]?.person).toBe('near');
  });

  test('leaves no numbers of the probe or of deleted people in its memory', () => {
    const scan = fastScan(16);
    const gallery = createGallery(16, 100, scan);
    const memory = () => new Float32Array(scan.reserve(64).buffer);
    gallery.add('a', new Float32Array(16).fill(3));
    gallery.nearest(new Float32Array(16).fill(7));
    expect(memory().filter((one) => one !== 0)).toEqual(new Float32Array(16).fill(3));
    gallery.delete('a');
    expect(memory().every((one) => one === 0)).toBe(true);
  });
});
