import {
  type FaceEmbedder,
  type FoundFace,
  largestFirst,
  type Picture,
  type Point,
} from './embedder.ts';
import type { FaceApiManifest } from './model-manifest.ts';

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

const NETS = {
  tinyFaceDetector: 'tiny_face_detector_model',
  faceLandmark68Net: 'face_landmark_68_model',
  faceRecognitionNet: 'face_recognition_model',
} as const;

/** The crop is the smallest box around the landmarks, wider and higher by this share, as the model was used. */
const PADDING = 0.2;

/**
 * The default model on face-api.js. The backend is set before: this refuses any but WASM, since WebGL without
 * a graphics processor takes minutes for one frame.
 * @param files checked by `checkModelFiles`
 */
export function createFaceApiEmbedder(
  api: FaceApi,
  manifest: FaceApiManifest,
  files: ReadonlyMap<string, Uint8Array>,
): FaceEmbedder {
  if (api.tf.getBackend() !== 'wasm')
    throw new Error(`broken invariant: backend ${api.tf.getBackend()}, not wasm`);
  for (const [net, name] of Object.entries(NETS))
    api.nets[net as keyof typeof NETS].loadFromWeightMap(weightsOf(api, files, name));
  const options = new api.TinyFaceDetectorOptions({
    inputSize: manifest.detector.size,
    scoreThreshold: manifest.detector.scoreMin,
  });

  async function withTensor<T>(picture: Picture, use: (tensor: Tensor) => Promise<T>): Promise<T> {
    const tensor = api.tf.tensor3d(colours(picture), [picture.height, picture.width, 3]);
    try {
      return await use(tensor);
    } finally {
      tensor.dispose();
    }
  }

  return {
    manifest,
    find: (picture) =>
      withTensor(picture, async (tensor) => {
        const faces = await api.detectAllFaces(tensor, options).withFaceLandmarks();
        return largestFirst(faces.map(foundFace));
      }),
    describe: (picture, { landmarks }) =>
      withTensor(picture, async (tensor) => {
        const [face] = await api.extractFaceTensors(tensor, [cropOf(api, landmarks)]);
        // Landmarks that lie outside the picture leave nothing to describe; the numbers say so to the checks.
        if (face === undefined) return new Float32Array(manifest.dimensions);
        try {
          const descriptor = await api.nets.faceRecognitionNet.computeFaceDescriptor(face);
          return Array.isArray(descriptor) ? (descriptor[0] ?? new Float32Array(0)) : descriptor;
        } finally {
          face.dispose();
        }
      }),
    close: () => Promise.resolve(),
  };
}

function foundFace({ detection, landmarks }: ApiFace): FoundFace {
  const { x, y, width, height } = detection.box;
  return {
    box: { x, y, width, height },
    score: detection.score,
    landmarks: landmarks.positions.map((point) => ({ x: point.x, y: point.y })),
  };
}

function cropOf(api: FaceApi, landmarks: readonly Point[]): unknown {
  const xs = landmarks.map(({ x }) => x);
  const ys = landmarks.map(({ y }) => y);
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const [width, height] = [Math.max(...xs) - left, Math.max(...ys) - top];
  const [padX, padY] = [width * PADDING, height * PADDING];
  return new api.Rect(left - padX / 2, top - padY / 2, width + padX, height + padY);
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
