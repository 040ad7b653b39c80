import type { FaceRole, FaceSet } from '../../../agent/main/face/read-face-set.ts';

/** How many people a sample takes, of those with four photographs and more, with two or three, and with one. */
export interface SampleSize {
  readonly four: number;
  readonly several: number;
  readonly strangers: number;
}

/** A seeded choice of whole people out of a set, all their photographs and the pairs among them. */
export function sampleSet(set: FaceSet, size: SampleSize, seed: number): FaceSet {
  const people = [...Map.groupBy(set.images, ({ person }) => person)].sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  const next = numbers(seed);
  const shuffled = people
    .map((one) => ({ one, place: next() }))
    .sort((a, b) => a.place - b.place)
    .map(({ one }) => one);
  const take = (count: number, fits: (photos: number, role: FaceRole | undefined) => boolean) =>
    shuffled.filter(([, photos]) => fits(photos.length, photos[0]?.role)).slice(0, count);
  const images = [
    ...take(size.four, (photos) => photos >= 4),
    ...take(size.several, (photos) => photos === 2 || photos === 3),
    ...take(size.strangers, (_photos, role) => role === 'stranger'),
  ].flatMap(([, photos]) => photos);
  const files = new Set(images.map(({ file }) => file));
  const pairs = set.pairs.filter(({ a, b }) => files.has(a) && files.has(b));
  return { folder: set.folder, images, pairs };
}

/** Numbers from 0 to 1 by a linear congruence (Numerical Recipes): the same on every machine. */
function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
