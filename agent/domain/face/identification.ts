import { createGallery } from './gallery.ts';
import { decideOpenSet, type OpenSetRule } from './open-set.ts';

/** How a rule fares in a gallery; rates are shares of the probes and strangers that could be described. */
export interface Identification {
  /** People in the gallery. */
  readonly enrolled: number;
  /** Probes of people in the gallery. */
  readonly probes: number;
  readonly strangers: number;
  readonly rule: OpenSetRule;
  /** Share of probes of enrolled people that get the right name. */
  readonly tpir: number;
  /** Share of strangers that get a name. */
  readonly fpir: number;
  /** Probes that get somebody else's name, also those of people whose enrolment failed. */
  readonly wrong: number;
}

export interface Described {
  readonly person: string;
  readonly descriptor: Float32Array;
}

/** Runs probes and strangers against a gallery of one template a person. */
export function identificationOf(
  sets: {
    readonly enrol: readonly Described[];
    readonly probes: readonly Described[];
    readonly strangers: readonly Described[];
  },
  rule: OpenSetRule,
  dimensions: number,
): Identification {
  const gallery = createGallery(dimensions);
  for (const { person, descriptor } of sets.enrol) gallery.add(person, descriptor);
  const enrolled = new Set(sets.enrol.map(({ person }) => person));
  // Somebody whose enrolment failed cannot be found, and is not counted; a wrong name is one all the same.
  const probes = sets.probes.filter(({ person }) => enrolled.has(person)).length;
  let right = 0;
  let wrong = 0;
  for (const { person, descriptor } of sets.probes) {
    const answer = decideOpenSet(gallery.nearest(descriptor), rule);
    if (answer.kind !== 'named') continue;
    if (answer.person === person) right++;
    else wrong++;
  }
  const named = sets.strangers.filter(
    ({ descriptor }) => decideOpenSet(gallery.nearest(descriptor), rule).kind === 'named',
  ).length;
  return {
    enrolled: gallery.size,
    probes,
    strangers: sets.strangers.length,
    rule,
    tpir: probes === 0 ? 0 : right / probes,
    fpir: sets.strangers.length === 0 ? 0 : named / sets.strangers.length,
    wrong,
  };
}
