import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fitLikelihood } from '../../../../agent/domain/face/likelihood.ts';
import { calibratePhotographs } from '../../../../agent/main/face/calibrate-photographs.ts';
import type { FaceImage, FaceSet } from '../../../../agent/main/face/read-face-set.ts';
import { DEFAULT_MODEL } from '../../../../drivers/face/default-model.ts';
import type { FaceEmbedder, FoundFace, Picture } from '../../../../drivers/face/embedder.ts';

const DIMENSIONS = 16;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tillside-photographs-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A picture of one colour: red says who, green which photograph. */
function photograph(person: number, nth: number): FaceImage {
  const file = `${person}-${nth}.png`;
  const picture = new PNG({ width: 8, height: 8 });
  for (let at = 0; at < picture.data.length; at += 4)
    picture.data.set([10 + 6 * person, 20 * nth, 0, 255], at);
  writeFileSync(join(folder, file), PNG.sync.write(picture));
  return { file, person: `p${person}`, role: nth === 0 ? 'enrol' : 'probe' };
}

/** Describes the colour: people lie 0.06 or more from each other, photographs of one person within 0.03. */
const colours: FaceEmbedder = {
  manifest: { ...DEFAULT_MODEL, dimensions: DIMENSIONS },
  find: () =>
    Promise.resolve([{ box: { x: 0, y: 0, width: 8, height: 8 }, score: 1, landmarks: [] }]),
  describe: ({ data }: Picture, _face: FoundFace) => {
    const descriptor = new Float32Array(DIMENSIONS).fill(0.1);
    descriptor[0] = (data[0] ?? 0) / 100;
    descriptor[1] = (data[1] ?? 0) / 2_000;
    return Promise.resolve(descriptor);
  },
  close: () => Promise.resolve(),
};

const setOf = (images: readonly FaceImage[]): FaceSet => ({ folder, images, pairs: [] });
const people = Array.from({ length: 10 }, (_, person) => person);
const all = (photographs: number) =>
  people.flatMap((person) =>
    Array.from({ length: photographs }, (_, nth) => photograph(person, nth)),
  );

test('the line of a model is drawn from means of three against a fourth', async () => {
  const report = await calibratePhotographs(setOf([...all(4), photograph(20, 0)]), colours);
  // Ten people with four photographs each; each template meets all 36 of the others, and the stranger.
  expect(report).toMatchObject({ genuine: 40, impostor: 370 });
  expect(report.independent).toEqual({ genuine: 10, impostor: 11 });
  const { likelihood } = report;
  expect(likelihood?.max).toBeCloseTo(Math.log(11 / 3));
  expect(likelihood?.min).toBeCloseTo(-Math.log(10 / 3));
  // By hand: photographs of a person lie at 0, 0.01, 0.02 and 0.03, so that the mean of the others is 0.02, 0.0167, ...
  const genuine = people.flatMap(() => [0.02, 1 / 150, 1 / 150, 0.02]);
  const impostor = people.flatMap((one) => [
    ...people
      .filter((other) => other !== one)
      .flatMap((other) =>
        [0, 0.01, 0.02, 0.03].map((place) => Math.hypot(0.06 * (one - other), place - 0.01)),
      ),
    Math.hypot(0.06 * (one - 20), 0.01),
  ]);
  const byHand = fitLikelihood({
    genuine: Float64Array.from(genuine),
    impostor: Float64Array.from(impostor),
  });
  if (!byHand.ok) throw new Error('two kinds that differ');
  expect(likelihood?.slope).toBeCloseTo(byHand.value.slope, 1);
  expect(likelihood?.offset).toBeCloseTo(byHand.value.offset, 2);
});

test('without people of four photographs there is no line', async () => {
  const report = await calibratePhotographs(setOf(all(3)), colours);
  expect(report).toMatchObject({ genuine: 0, likelihood: null });
});
