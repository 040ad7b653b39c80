import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { descriptorFault } from '../../../drivers/face/descriptor.ts';
import type { FaceEmbedder, FoundFace, Picture } from '../../../drivers/face/embedder.ts';
import { decodePicture } from './decode-picture.ts';
import type { FaceImage, FaceSet } from './read-face-set.ts';

/** The largest picture file that is read. */
export const PICTURE_MAX_BYTES = 32 * 1024 * 1024;

export interface PictureFailure {
  readonly file: string;
  /** `undecodable`: no picture, a damaged one, or one beyond the limits. */
  readonly reason: 'missing' | 'unreadable' | 'undecodable' | 'no-face' | 'no-descriptor';
}

export interface DescribedImage extends FaceImage {
  readonly descriptor: Float32Array;
}

/** Describes the main face of each picture, one picture at a time so that only descriptors stay in memory. */
export async function describeSet(
  set: Pick<FaceSet, 'folder' | 'images'>,
  embedder: FaceEmbedder,
  onProgress: (done: number) => void = () => undefined,
): Promise<{ readonly described: DescribedImage[]; readonly failures: PictureFailure[] }> {
  const described: DescribedImage[] = [];
  const failures: PictureFailure[] = [];
  for (const [at, image] of set.images.entries()) {
    const outcome = await describeFile(join(set.folder, image.file), embedder);
    if (typeof outcome === 'string') failures.push({ file: image.file, reason: outcome });
    else described.push({ ...image, descriptor: outcome });
    onProgress(at + 1);
  }
  return { described, failures };
}

async function describeFile(
  path: string,
  embedder: FaceEmbedder,
): Promise<Float32Array | PictureFailure['reason']> {
  const bytes = bytesOf(path);
  if (typeof bytes === 'string') return bytes;
  const picture = decodePicture(bytes);
  if (picture === null) return 'undecodable';
  const face = mainFace(picture, await embedder.find(picture));
  if (face === null) return 'no-face';
  const descriptor = await embedder.describe(picture, face);
  const { id: modelId, version: modelVersion } = embedder.manifest;
  const fault = descriptorFault(embedder.manifest, { modelId, modelVersion, values: descriptor });
  return fault === null ? descriptor : 'no-descriptor';
}

function bytesOf(path: string): Uint8Array | PictureFailure['reason'] {
  if (!existsSync(path)) return 'missing';
  try {
    const file = statSync(path);
    return file.isFile() && file.size <= PICTURE_MAX_BYTES ? readFileSync(path) : 'undecodable';
  } catch {
    return 'unreadable';
  }
}

/**
 * The large face in the middle: the photographs of a set are of one person, whoever else stands behind. (The till
 * itself refuses two faces of like size instead of choosing.)
 */
export function mainFace(
  { width, height }: Pick<Picture, 'width' | 'height'>,
  faces: readonly FoundFace[],
): FoundFace | null {
  const weight = ({ box }: FoundFace) => {
    const aside = Math.hypot(
      (box.x + box.width / 2) / width - 0.5,
      (box.y + box.height / 2) / height - 0.5,
    );
    return box.width * box.height * Math.max(0.05, 1 - 2 * aside);
  };
  return faces.reduce<FoundFace | null>(
    (best, one) => (best === null || weight(one) > weight(best) ? one : best),
    null,
  );
}
