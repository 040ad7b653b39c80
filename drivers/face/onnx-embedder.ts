import { fivePoints, inverseOf, REFERENCE_POINTS, sample, similarityOf } from './align.ts';
import { boxesOf } from './corner-boxes.ts';
import { toUnit } from './descriptor.ts';
import type { Box, FaceEmbedder, Picture, Point } from './embedder.ts';
import { type ModelResult, type OnnxManifest, refused } from './model-manifest.ts';

/** One loaded network with one input. */
export interface OnnxNetwork {
  /** Runs it; the answer holds the outputs by name. */
  run(
    input: Float32Array,
    shape: readonly number[],
  ): Promise<Readonly<Record<string, Float32Array>>>;
  close(): Promise<void>;
}

/** Loads a network from the bytes of its file; the runtime behind it is picked by whoever passes this in. */
export type OpenOnnx = (bytes: Uint8Array) => Promise<OnnxNetwork>;

const LANDMARKS = 68;

/**
 * A pack of three networks: detector, landmarks, embedder.
 * @param files checked by `checkModelFiles`
 * @returns refused where the networks do not answer in the shapes of the manifest
 */
export async function createOnnxEmbedder(
  open: OpenOnnx,
  manifest: OnnxManifest,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<ModelResult<FaceEmbedder>> {
  const { detector, landmarks, embedder } = manifest;
  const load = (name: string) => open(files.get(name) ?? new Uint8Array());
  const opened: OnnxNetwork[] = [];
  try {
    for (const { file } of [detector, landmarks, embedder]) opened.push(await load(file));
  } catch (cause) {
    await Promise.all(opened.map((one) => one.close()));
    return refused('model-mismatch', cause instanceof Error ? cause.message : String(cause));
  }
  const [find, points, describe] = opened as [OnnxNetwork, OnnxNetwork, OnnxNetwork];

  async function embed(crop: Float32Array): Promise<Float32Array> {
    const { channels, mean, scale, size } = embedder;
    const input = planes(crop, channels, { mean, scale });
    const [values = new Float32Array()] = Object.values(
      await describe.run(input, [1, 3, size, size]),
    );
    return values;
  }

  async function landmarksOf(picture: Picture, box: Box): Promise<Point[]> {
    const { size, mean, scale } = landmarks;
    const crop = sample(picture, { width: size, height: size }, (x, y) => [
      box.x + ((x + 0.5) * box.width) / size - 0.5,
      box.y + ((y + 0.5) * box.height) / size - 0.5,
    ]);
    const grey = new Float32Array(size * size);
    // The weights of ITU-R BT.601.
    for (let at = 0; at < grey.length; at++)
      grey[at] =
        (0.299 * (crop[3 * at] ?? 0) +
          0.587 * (crop[3 * at + 1] ?? 0) +
          0.114 * (crop[3 * at + 2] ?? 0) -
          mean) /
        scale;
    const [out = new Float32Array()] = Object.values(await points.run(grey, [1, 1, size, size]));
    return Array.from({ length: LANDMARKS }, (_, at) => ({
      x: box.x + (out[2 * at] ?? 0) * box.width,
      y: box.y + (out[2 * at + 1] ?? 0) * box.height,
    }));
  }

  const dimensions = (await embed(new Float32Array(3 * embedder.size * embedder.size))).length;
  if (dimensions !== manifest.dimensions) {
    await Promise.all(opened.map((one) => one.close()));
    return refused(
      'dimension-mismatch',
      `dimensions: ${manifest.dimensions}, the model gives ${dimensions}`,
    );
  }

  const made: FaceEmbedder = {
    manifest,
    async find(picture) {
      const { width, height, mean, scale } = detector;
      const crop = sample(picture, { width, height }, (x, y) => [
        ((x + 0.5) * picture.width) / width - 0.5,
        ((y + 0.5) * picture.height) / height - 0.5,
      ]);
      const out = await find.run(planes(crop, 'rgb', { mean, scale }), [1, 3, height, width]);
      const found = boxesOf(
        { scores: out['scores'] ?? new Float32Array(), boxes: out['boxes'] ?? new Float32Array() },
        picture,
        detector,
      );
      return Promise.all(
        found.map(async ({ box, score }) => ({
          box,
          score,
          landmarks: await landmarksOf(picture, box),
        })),
      );
    },
    async describe(picture, face) {
      const to = similarityOf(fivePoints(face.landmarks), REFERENCE_POINTS);
      if (to === null || (to.a === 0 && to.b === 0)) return new Float32Array(manifest.dimensions);
      const { size } = embedder;
      const values = await embed(sample(picture, { width: size, height: size }, inverseOf(to)));
      return manifest.normalisation === 'unit' ? toUnit(values) : values;
    },
    async close() {
      await Promise.all(opened.map((one) => one.close()));
    },
  };
  return { ok: true, value: made };
}

/** Interleaved colours as three planes in the order that the network was trained with. */
function planes(
  interleaved: Float32Array,
  channels: 'rgb' | 'bgr',
  { mean, scale }: { readonly mean: number; readonly scale: number },
): Float32Array {
  const plane = interleaved.length / 3;
  const out = new Float32Array(interleaved.length);
  const order = channels === 'rgb' ? [0, 1, 2] : [2, 1, 0];
  order.forEach((from, to) => {
    for (let at = 0; at < plane; at++)
      out[to * plane + at] = ((interleaved[3 * at + from] ?? 0) - mean) / scale;
  });
  return out;
}
