import { descriptorFault } from './descriptor.ts';
import type { FaceEmbedder, FoundFace, Picture } from './embedder.ts';
import {
  dominantFace,
  type FaceQuality,
  type QualityFault,
  qualityFaults,
  qualityOf,
} from './quality.ts';

/** What one frame shows: `described` passed all gates; `seen` has one face that did not; `none` has no single face. */
export type FrameLook =
  | { readonly kind: 'none'; readonly fault: QualityFault }
  | {
      readonly kind: 'seen';
      readonly fault: QualityFault;
      readonly face: FoundFace;
      readonly quality: FaceQuality;
    }
  | {
      readonly kind: 'described';
      readonly face: FoundFace;
      readonly quality: FaceQuality;
      readonly descriptor: Float32Array;
    };

/** Looks at one frame; only one that passes the gates costs a descriptor. */
export async function lookAtFrame(embedder: FaceEmbedder, picture: Picture): Promise<FrameLook> {
  const dominant = dominantFace(await embedder.find(picture));
  if (!dominant.ok) return { kind: 'none', fault: dominant.fault };
  const { face } = dominant;
  const quality = qualityOf(picture, face);
  const [fault] = qualityFaults(quality);
  if (fault !== undefined) return { kind: 'seen', fault, face, quality };
  const descriptor = await embedder.describe(picture, face);
  const { id: modelId, version: modelVersion } = embedder.manifest;
  // Landmarks at the very edge leave nothing to describe: the model then answers with zeros.
  return descriptorFault(embedder.manifest, { modelId, modelVersion, values: descriptor }) === null
    ? { kind: 'described', face, quality, descriptor }
    : { kind: 'seen', fault: 'uncertain', face, quality };
}
