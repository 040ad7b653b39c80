import { fivePoints, greyOf, inverseOf, REFERENCE_POINTS, sample, similarityOf } from './align.ts';
import { boxesOf } from './corner-boxes.ts';
import { toUnit } from './descriptor.ts';
import type { Box, FaceEmbedder, FoundFace, Picture, Point } from './embedder.ts';
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

  async function rowsOf(
    picture: Picture,
  ): Promise<{ readonly scores: Float32Array; readonly boxes: Float32Array }> {
    const { width, height, mean, scale } = detector;
    const crop = sample(picture, { width, height }, (x, y) => [
      ((x + 0.5) * picture.width) / width - 0.5,
      ((y + 0.5) * picture.height) / height - 0.5,
    ]);
    const out = await find.run(planes(crop, 'rgb', { mean, scale }), [1, 3, height, width]);
    return {
      scores: out['scores'] ?? new Float32Array(),
      boxes: out['boxes'] ?? new Float32Array(),
    };
  }

  async function landmarksOf(picture: Picture, box: Box): Promise<Float32Array> {
    const { size, mean, scale } = landmarks;
    const crop = sample(picture, { width: size, height: size }, (x, y) => [
      box.x + ((x + 0.5) * box.width) / size - 0.5,
      box.y + ((y + 0.5) * box.height) / size - 0.5,
    ]);
    const grey = greyOf(crop).map((value) => (value - mean) / scale);
    const [out = new Float32Array()] = Object.values(await points.run(grey, [1, 1, size, size]));
    return out;
  }

  /** Runs each network once on nothing: a network in the place of another answers in another shape, or not at all. */
  async function faultOf(): Promise<ReturnType<typeof refused> | null> {
    const black = { data: new Uint8Array(4), width: 1, height: 1 };
    try {
      const { scores, boxes } = await rowsOf(black);
      if (scores.length === 0 || 2 * scores.length !== boxes.length)
        return refused('model-mismatch', `${detector.file}: no rows of scores and boxes`);
      const numbers = (await landmarksOf(black, { x: 0, y: 0, width: 1, height: 1 })).length;
      if (numbers !== 2 * LANDMARKS)
        return refused('model-mismatch', `${landmarks.file}: ${numbers} numbers`);
      const dimensions = (await embed(new Float32Array(3 * embedder.size ** 2))).length;
      return dimensions === manifest.dimensions
        ? null
        : refused(
            'dimension-mismatch',
            `dimensions: ${manifest.dimensions}, the model gives ${dimensions}`,
          );
    } catch (cause) {
      return refused('model-mismatch', cause instanceof Error ? cause.message : String(cause));
    }
  }

  async function closeAll(): Promise<void> {
    await Promise.all(opened.map((one) => one.close()));
  }

  const fault = await faultOf();
  if (fault !== null) {
    await closeAll();
    return fault;
  }

  const made: FaceEmbedder = {
    manifest,
    async find(picture) {
      const found: FoundFace[] = [];
      for (const { box, score } of boxesOf(await rowsOf(picture), picture, detector))
        found.push({ box, score, landmarks: pointsIn(box, await landmarksOf(picture, box)) });
      return found;
    },
    async describe(picture, face) {
      const to = similarityOf(fivePoints(face.landmarks), REFERENCE_POINTS);
      if (to === null || (to.a === 0 && to.b === 0)) return new Float32Array(manifest.dimensions);
      const { size } = embedder;
      const values = await embed(sample(picture, { width: size, height: size }, inverseOf(to)));
      return manifest.normalisation === 'unit' ? toUnit(values) : values;
    },
    close: closeAll,
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

function pointsIn(box: Box, shares: Float32Array): Point[] {
  return Array.from({ length: LANDMARKS }, (_, at) => ({
    x: box.x + (shares[2 * at] ?? 0) * box.width,
    y: box.y + (shares[2 * at + 1] ?? 0) * box.height,
  }));
}
