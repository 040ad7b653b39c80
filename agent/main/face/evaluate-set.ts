import { distanceOf, meanDescriptor } from '../../../drivers/face/descriptor.ts';
import type { ModelManifest } from '../../../drivers/face/model-manifest.ts';
import {
  type Described,
  type Identification,
  identificationOf,
} from '../../domain/face/identification.ts';
import {
  equalErrorRate,
  type Interval,
  type OperatingPoint,
  pointAt,
  wilsonInterval,
} from '../../domain/face/verification.ts';
import type { DescribedImage, PictureFailure } from './describe-set.ts';
import type { FaceSet } from './read-face-set.ts';

/** Wanted false-match rates; those that the set is too small to show are left out. */
export const WANTED_FMR = [0.01, 0.001, 0.0001, 0.00001] as const;

/** What holds at a till and cannot be held to in a set of photographs. */
export const WAIVED = ['three-captures', 'agreement-of-frames', 'quality-gates'] as const;

/** Captures of a member that are averaged into one template. */
const CAPTURES = 3;

export interface Verification {
  readonly genuine: number;
  readonly impostor: number;
  /** Null without comparisons of both kinds. */
  readonly eer: number | null;
  /** Of the fewer comparisons, those of one person. */
  readonly eerCi95: Interval | null;
  readonly points: readonly OperatingPoint[];
}

/** Rates with their intervals at 95 %. */
export interface IdentificationFigures extends Identification {
  readonly tpirCi95: Interval;
  readonly fpirCi95: Interval;
}

export interface FaceEvaluation extends Verification {
  readonly items: number;
  readonly failures: number;
  readonly failed: readonly PictureFailure[];
  readonly model: { readonly id: string; readonly version: string };
  /** Against the pairs of `pairs.csv` alone. */
  readonly listed: Verification & { readonly leftOut: number };
  /** Mean of three photographs against another of the same or another person. */
  readonly meanOfThree: Verification;
  readonly waived: typeof WAIVED;
  readonly identification?: IdentificationFigures;
}

/**
 * The figures of a set. The listed pairs of one person are the genuine comparisons; every two photographs of different
 * people are the others, since the listed ones are too few for the rates that matter.
 */
export function evaluateSet(
  set: FaceSet,
  described: readonly DescribedImage[],
  failed: readonly PictureFailure[],
  manifest: ModelManifest,
): FaceEvaluation {
  const byFile = new Map(described.map((one) => [one.file, one]));
  const listed = { genuine: [] as number[], impostor: [] as number[] };
  let leftOut = 0;
  for (const { a, b, same } of set.pairs) {
    const [left, right] = [byFile.get(a), byFile.get(b)];
    if (left === undefined || right === undefined) leftOut++;
    else listed[same ? 'genuine' : 'impostor'].push(distanceOf(left.descriptor, right.descriptor));
  }
  const sets = {
    enrol: templatesOf(
      described.filter(({ role }) => role === 'enrol'),
      manifest,
    ),
    probes: described.filter(({ role }) => role === 'probe'),
    strangers: described.filter(({ role }) => role === 'stranger'),
  };
  return {
    items: set.images.length,
    failures: failed.length,
    ...verification(ascending(listed.genuine), strangersOf(described)),
    listed: {
      ...verification(ascending(listed.genuine), ascending(listed.impostor)),
      leftOut,
    },
    meanOfThree: meanOfThree(described, manifest),
    ...(sets.enrol.length === 0
      ? {}
      : {
          identification: identified(sets, manifest),
        }),
    failed,
    model: { id: manifest.id, version: manifest.version },
    waived: WAIVED,
  };
}

function identified(
  sets: Parameters<typeof identificationOf>[0],
  { calibration, dimensions }: ModelManifest,
): IdentificationFigures {
  const found = identificationOf(sets, calibration.openSet, dimensions);
  const interval = (share: number, of: number): Interval =>
    wilsonInterval(Math.round(share * of), of);
  return {
    ...found,
    tpirCi95: interval(found.tpir, found.probes),
    fpirCi95: interval(found.fpir, found.strangers),
  };
}

/** One template a person, as at the till: the mean, where a set enrols several photographs of somebody. */
function templatesOf(enrolled: readonly DescribedImage[], manifest: ModelManifest): Described[] {
  return [...Map.groupBy(enrolled, ({ person }) => person)].map(([person, photos]) => ({
    person,
    descriptor: meanDescriptor(
      manifest,
      photos.map(({ descriptor }) => descriptor),
    ),
  }));
}

function verification(genuine: Float64Array, impostor: Float64Array): Verification {
  const eer = equalErrorRate(genuine, impostor);
  return {
    genuine: genuine.length,
    impostor: impostor.length,
    eer,
    eerCi95: eer === null ? null : wilsonInterval(Math.round(eer * genuine.length), genuine.length),
    points: WANTED_FMR.flatMap((fmr) => pointAt(fmr, genuine, impostor) ?? []),
  };
}

function strangersOf(described: readonly DescribedImage[]): Float64Array {
  const distances = new Float64Array((described.length * (described.length - 1)) / 2);
  let count = 0;
  described.forEach((a, at) => {
    for (let other = at + 1; other < described.length; other++) {
      const b = described[other];
      if (b !== undefined && b.person !== a.person)
        distances[count++] = distanceOf(a.descriptor, b.descriptor);
    }
  });
  return distances.subarray(0, count).sort();
}

/** Each photograph of a person with four or more against the mean of the first three others. */
function meanOfThree(described: readonly DescribedImage[], manifest: ModelManifest): Verification {
  const people = Map.groupBy(described, ({ person }) => person);
  const genuine: number[] = [];
  const impostor: number[] = [];
  for (const [person, photos] of people) {
    if (photos.length <= CAPTURES) continue;
    for (const [at, probe] of photos.entries()) {
      const others = photos.filter((_, other) => other !== at).slice(0, CAPTURES);
      const template = meanDescriptor(
        manifest,
        others.map(({ descriptor }) => descriptor),
      );
      genuine.push(distanceOf(template, probe.descriptor));
      // One template a person meets the others, so that no comparison is counted four times.
      if (at > 0) continue;
      for (const one of described)
        if (one.person !== person) impostor.push(distanceOf(template, one.descriptor));
    }
  }
  return verification(ascending(genuine), ascending(impostor));
}

function ascending(distances: readonly number[]): Float64Array {
  return Float64Array.from(distances).sort();
}
