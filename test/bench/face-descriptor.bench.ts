import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert } from '../../agent/contract/index.ts';
import { decodePicture } from '../../agent/main/face/decode-picture.ts';
import { loadFaceApi } from '../../agent/main/face/load-face-api.ts';
import { openModel } from '../../agent/main/face/open-model.ts';
import { readFaceSet } from '../../agent/main/face/read-face-set.ts';
import { DEFAULT_MODEL } from '../../drivers/face/default-model.ts';
import type { FaceEmbedder, Picture } from '../../drivers/face/embedder.ts';
import { lookAtFrame } from '../../drivers/face/frame-look.ts';
import { hasShared, sharedPath } from '../support/shared.ts';
import type { Benchmark, BenchmarkResult } from './benchmark.ts';
import { against, interleave } from './interleave.ts';

const FACES = 'data/faces';
/** Photographs that pass the gates, as a frame of somebody who stands right does. */
const PHOTOGRAPHS = 12;
const ROUNDS = 5;
const NAME = 'face-descriptor: a frame to its descriptor';

/** A tensor of TensorFlow.js and the networks, as far as they are run bare. */
interface Tensor {
  data(): Promise<Float32Array>;
  dispose(): void;
}
interface Net {
  forward(input: Tensor, size?: number): Promise<Tensor>;
}
interface BareApi {
  readonly tf: { tensor4d(values: Float32Array, shape: readonly number[]): Tensor };
  readonly nets: {
    readonly tinyFaceDetector: Net;
    readonly faceLandmark68Net: Net;
    readonly faceRecognitionNet: Net;
  };
}

/** Sides of the squares that the three networks take. */
const SIDES = { detector: DEFAULT_MODEL.detector.size, landmarks: 112, descriptor: 150 } as const;

/**
 * The three networks on squares that lie ready in the runtime's memory, their answers read: what is left when nothing is
 * decoded, cut, checked or cleared away. The numbers in the squares do not matter to the time.
 */
async function bareRun(): Promise<() => Promise<void>> {
  const { tf, nets } = (await loadFaceApi()) as unknown as BareApi;
  const square = (side: number) =>
    tf.tensor4d(
      Float32Array.from({ length: 3 * side * side }, (_, at) => (at * 7_919) % 256),
      [1, side, side, 3],
    );
  const runs = [
    { net: nets.tinyFaceDetector, input: square(SIDES.detector), size: SIDES.detector },
    { net: nets.faceLandmark68Net, input: square(SIDES.landmarks) },
    { net: nets.faceRecognitionNet, input: square(SIDES.descriptor) },
  ];
  return async () => {
    for (const { net, input, size } of runs) {
      const output = await net.forward(input, size);
      await output.data();
      output.dispose();
    }
  };
}

async function framesOf(embedder: FaceEmbedder): Promise<Picture[]> {
  assert(hasShared(FACES), `the photographs lie beside the repository, in shared/${FACES}`);
  const set = readFaceSet(sharedPath(FACES));
  assert(set.ok, 'the set of photographs can be read');
  const frames: Picture[] = [];
  for (const { file } of set.value.images) {
    const picture = decodePicture(readFileSync(join(set.value.folder, file)));
    assert(picture !== null, `${file} is a picture`);
    const look = await lookAtFrame(embedder, picture);
    if (look.kind === 'described') frames.push(picture);
    if (frames.length === PHOTOGRAPHS) return frames;
  }
  throw new Error('broken invariant: some photographs pass the gates');
}

async function frameToDescriptor(): Promise<BenchmarkResult> {
  const model = await openModel();
  assert(model.ok, 'the shipped model opens');
  const embedder = model.value;
  const frames = await framesOf(embedder);
  const bare = await bareRun();
  const [ours, baseline] = ['frame to descriptor', 'the three networks alone, inputs ready'];
  let nth = 0;
  const look = () => lookAtFrame(embedder, frames[nth++ % frames.length] as Picture);
  const times = await interleave(
    [
      { name: ours, run: look, perRound: frames.length },
      { name: baseline, run: bare, perRound: frames.length },
    ],
    ROUNDS,
  );
  await embedder.close();
  const result = against(times, NAME, ours, baseline);
  const own = (Math.max(0, 1 - 1 / result.ratio) * 100).toFixed(0);
  return {
    ...result,
    notes: [
      `what is cut, checked and cleared away beside the networks takes ${own} % of a frame's time`,
    ],
  };
}

export const benchmarks: readonly Benchmark[] = [{ name: NAME, run: frameToDescriptor }];
