/** Templates and probes for the search benchmarks: the same for the same seed, people scattered about one mean face. */
export interface FaceVectors {
  readonly dimensions: number;
  readonly people: number;
  /** Row by row. */
  readonly flat: Float32Array;
  /** Each near one of the people. */
  readonly probes: readonly Float32Array[];
}

/** Spread of people about the mean face, and of captures about a person, in all dimensions together. */
const PEOPLE_SPREAD = 0.75;
const CAPTURE_SPREAD = 0.35;

/** Makes `people` templates of `dimensions` numbers and some probes, by a generator of its own. */
export function faceVectors(people: number, dimensions: number, probes = 10): FaceVectors {
  let state = 20_261_123;
  const even = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  // Three even numbers are near enough to a bell for distances.
  const scatter = (spread: number) =>
    (2 * spread * (even() + even() + even())) / Math.sqrt(dimensions);
  const face = Float32Array.from({ length: dimensions }, () => scatter(1));
  const flat = new Float32Array(people * dimensions);
  for (let at = 0; at < flat.length; at++)
    flat[at] = (face[at % dimensions] ?? 0) + scatter(PEOPLE_SPREAD);
  const near = (person: number) =>
    flat
      .slice(person * dimensions, (person + 1) * dimensions)
      .map((value) => value + scatter(CAPTURE_SPREAD));
  return {
    dimensions,
    people,
    flat,
    probes: Array.from({ length: probes }, (_, nth) => near(Math.floor((nth * people) / probes))),
  };
}
