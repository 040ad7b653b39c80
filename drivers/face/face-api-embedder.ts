import { dlibCrop } from './dlib-crop.ts';
import {
  type FaceEmbedder,
  type FoundFace,
  largestFirst,
  type Picture,
  type Point,
} from './embedder.ts';
import {
  FACE_API_NETS,
  type FaceApiManifest,
  type ModelResult,
  refused,
} from './model-manifest.ts';

/** A tensor of TensorFlow.js, as far as it is used here. */
interface Tensor {
  dispose(): void;
}

interface Net {
  loadFromWeightMap(weights: unknown): void;
}

/** The part of face-api.js that is used, so that a page and Node can pass in the build that fits them. */
export interface FaceApi {
  readonly tf: {
    tensor3d(values: Float32Array, shape: [number, number, number]): Tensor;
    getBackend(): string;
    readonly io: { decodeWeights(bytes: ArrayBuffer, specs: unknown): unknown };
  };
  readonly nets: {
    readonly tinyFaceDetector: Net;
    readonly faceLandmark68Net: Net;
    readonly faceRecognitionNet: Net & {
      computeFaceDescriptor(face: Tensor): Promise<Float32Array | Float32Array[]>;
    };
  };
  readonly TinyFaceDetectorOptions: new (options: {
    inputSize: number;
    scoreThreshold: number;
  }) => unknown;
  readonly Rect: new (x: number, y: number, width: number, height: number) => unknown;
  detectAllFaces(
    input: Tensor,
    options: unknown,
  ): { withFaceLandmarks(): PromiseLike<readonly ApiFace[]> };
  extractFaceTensors(input: Tensor, boxes: unknown[]): Promise<Tensor[]>;
}

interface ApiFace {
  readonly detection: {
    readonly score: number;
    readonly box: { x: number; y: number; width: number; height: number };
  };
  readonly landmarks: { readonly positions: readonly Point[] };
}

/** Side of the crop that the descriptor network takes, in pixels. */
const CROP_SIZE = 150;

/**
 * The default model on face-api.js. The backend is set before: this takes none but WASM, since WebGL without a graphics
 * processor takes minutes for one frame. The networks are those of the library, one set a process: the model opened last
 * counts.
 * @param files checked by `checkModelFiles`
 * @returns refused where the files hold other networks, or descriptors have another length than the manifest says
 */
export async function createFaceApiEmbedder(
  api: FaceApi,
  manifest: FaceApiManifest,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<ModelResult<FaceEmbedder>> {
  if (api.tf.getBackend() !== 'wasm')
    throw new Error(`broken invariant: backend ${api.tf.getBackend()}, not wasm`);
  let dimensions: number;
  try {
    for (const [net, name] of Object.entries(FACE_API_NETS))
      api.nets[net as keyof typeof FACE_API_NETS].loadFromWeightMap(weightsOf(api, files, name));
    const black = { data: new Uint8Array(4 * CROP_SIZE ** 2), width: CROP_SIZE, height: CROP_SIZE };
    dimensions = (await withTensor(api, black, (crop) => descriptorOf(api, crop))).length;
  } catch (cause) {
    // The library tells in words of its own that a network lacks its numbers or they have another shape.
    return refused('model-mismatch', cause instanceof Error ? cause.message : String(cause));
  }
  if (dimensions !== manifest.dimensions)
    return refused(
      'dimension-mismatch',
      `dimensions: ${manifest.dimensions}, the model gives ${dimensions}`,
    );
  const options = new api.TinyFaceDetectorOptions({
    inputSize: manifest.detector.size,
    scoreThreshold: manifest.detector.scoreMin,
  });
  const embedder: FaceEmbedder = {
    manifest,
    find: (picture) =>
      withTensor(api, picture, async (tensor) => {
        const faces = await api.detectAllFaces(tensor, options).withFaceLandmarks();
        return largestFirst(faces.map(foundFace));
      }),
    describe: (picture, { landmarks }) =>
      withTensor(api, picture, async (tensor) => {
        const { left, top, size } = dlibCrop(landmarks);
        const [crop] = await api.extractFaceTensors(tensor, [new api.Rect(left, top, size, size)]);
        // Landmarks that lie outside the picture leave nothing to describe; the numbers say so to the checks.
        if (crop === undefined) return new Float32Array(manifest.dimensions);
        try {
          return await descriptorOf(api, crop);
        } finally {
          crop.dispose();
        }
      }),
    close: () => Promise.resolve(),
  };
  return { ok: true, value: embedder };
}

async function withTensor<T>(
  api: FaceApi,
  picture: Picture,
  use: (tensor: Tensor) => Promise<T>,
): Promise<T> {
  const tensor = api.tf.tensor3d(colours(picture), [picture.height, picture.width, 3]);
  try {
    return await use(tensor);
  } finally {
    tensor.dispose();
  }
}

async function descriptorOf(api: FaceApi, crop: Tensor): Promise<Float32Array> {
  const descriptor = await api.nets.faceRecognitionNet.computeFaceDescriptor(crop);
  return Array.isArray(descriptor) ? (descriptor[0] ?? new Float32Array(0)) : descriptor;
}

function foundFace({ detection, landmarks }: ApiFace): FoundFace {
  const { x, y, width, height } = detection.box;
  return {
    box: { x, y, width, height },
    score: detection.score,
    landmarks: landmarks.positions.map((point) => ({ x: point.x, y: point.y })),
  };
}

function weightsOf(api: FaceApi, files: ReadonlyMap<string, Uint8Array>, name: string): unknown {
  const list = files.get(`${name}-weights_manifest.json`) ?? new Uint8Array();
  const groups: { weights: unknown[] }[] = JSON.parse(new TextDecoder().decode(list));
  const bytes = files.get(`${name}.bin`) ?? new Uint8Array();
  return api.tf.io.decodeWeights(
    new Uint8Array(bytes).buffer,
    groups.flatMap(({ weights }) => weights),
  );
}

function colours({ data, width, height }: Picture): Float32Array {
  const out = new Float32Array(3 * width * height);
  for (let from = 0, to = 0; to < out.length; from += 4, to += 3) {
    out[to] = data[from] ?? 0;
    out[to + 1] = data[from + 1] ?? 0;
    out[to + 2] = data[from + 2] ?? 0;
  }
  return out;
}
