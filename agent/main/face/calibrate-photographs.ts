import { distanceOf, meanDescriptor } from '../../../drivers/face/descriptor.ts';
import type { FaceEmbedder } from '../../../drivers/face/embedder.ts';
import { knownDistances } from '../../domain/face/calibration.ts';
import {
  fitLikelihood,
  type LikelihoodLine,
  likelihoodCost,
} from '../../domain/face/likelihood.ts';
import { type DescribedImage, describeSet } from './describe-set.ts';
import type { FaceSet } from './read-face-set.ts';

/** Captures of a member that are averaged into one template. */
const CAPTURES = 3;

/** The line of a model, as its manifest carries it, and what it was drawn from. */
export interface ModelCalibration {
  readonly model: { readonly id: string; readonly version: string };
  /** Templates of three photographs, against one photograph of the same person and of others. */
  readonly genuine: number;
  readonly impostor: number;
  /** What counts as independent: people with a template, and people. */
  readonly independent: { readonly genuine: number; readonly impostor: number };
  readonly likelihood: (LikelihoodLine & { readonly costBits: number }) | null;
}

/**
 * Draws the line of a model from photographs of known people, compared as a till does: the mean of three captures against
 * one. Comparisons of one person hang together, so that for the bounds each person counts once.
 */
export async function calibratePhotographs(
  set: FaceSet,
  embedder: FaceEmbedder,
): Promise<ModelCalibration> {
  const { described } = await describeSet(set, embedder);
  const { manifest } = embedder;
  const people = Map.groupBy(described, ({ person }) => person);
  const comparisons = [...people].flatMap(([person, photos]) =>
    photos.length <= CAPTURES ? [] : comparisonsOf(person, photos, described, manifest),
  );
  const known = knownDistances(comparisons);
  const independent = {
    genuine: [...people.values()].filter((photos) => photos.length > CAPTURES).length,
    impostor: people.size,
  };
  const line = fitLikelihood(known, independent);
  return {
    model: { id: manifest.id, version: manifest.version },
    genuine: known.genuine.length,
    impostor: known.impostor.length,
    independent,
    likelihood: line.ok ? { ...line.value, costBits: likelihoodCost(known, line.value) } : null,
  };
}

/** Each photograph against the mean of three others; one template a person against everybody else. */
function comparisonsOf(
  person: string,
  photos: readonly DescribedImage[],
  everybody: readonly DescribedImage[],
  manifest: FaceEmbedder['manifest'],
): { readonly distance: number; readonly same: boolean }[] {
  const templateWithout = (left: number) =>
    meanDescriptor(
      manifest,
      photos
        .filter((_, at) => at !== left)
        .slice(0, CAPTURES)
        .map(({ descriptor }) => descriptor),
    );
  const template = templateWithout(photos.length - 1);
  return [
    ...photos.map(({ descriptor }, at) => ({
      distance: distanceOf(templateWithout(at), descriptor),
      same: true,
    })),
    ...everybody
      .filter((one) => one.person !== person)
      .map(({ descriptor }) => ({ distance: distanceOf(template, descriptor), same: false })),
  ];
}
