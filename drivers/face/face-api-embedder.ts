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

/**
 * Where the descriptor's crop lies about the middle of eyes and mouth, as shares of its side, and how long the way from
 * eyes to mouth is in it: the crop with which the model was trained (dlib), which face-api.js takes for descriptors too.
 */
const CROP = { middleX: 0.5, middleY: 0.43, eyesToMouth: 0.45 } as const;
/** Places of both eyes and the mouth among 68 landmarks (iBUG 300-W), the end not included. */
const PARTS = { leftEye: [36, 42], rightEye: [42, 48], mouth: [48, 68] } as const;

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
  const middles = Object.values(PARTS).map(([from, to]) => middleOf(landmarks.slice(from, to)));
  const [leftEye, rightEye, mouth] = middles as [Point, Point, Point];
  const far = (eye: Point): number => Math.hypot(mouth.x - eye.x, mouth.y - eye.y);
  const size = Math.floor((far(leftEye) + far(rightEye)) / 2 / CROP.eyesToMouth);
  const middle = middleOf(middles);
  const left = Math.floor(Math.max(0, middle.x - CROP.middleX * size));
  const top = Math.floor(Math.max(0, middle.y - CROP.middleY * size));
  // What hangs over the picture's edge is cut off, not filled, as the library does it.
  return new api.Rect(left, top, size, size);
}

function middleOf(points: readonly Point[]): Point {
  const sum = points.reduce((all, { x, y }) => ({ x: all.x + x, y: all.y + y }), { x: 0, y: 0 });
  return { x: sum.x / points.length, y: sum.y / points.length };
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
