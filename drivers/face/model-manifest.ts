import { z } from 'zod';

const distance = z.number().positive().max(10);
const size = z.int().min(16).max(2048);

/** The largest file of a model. */
export const MODEL_FILE_MAX_BYTES = 256 * 1024 * 1024;

const fileSchema = z.strictObject({
  /** A plain name inside the folder of the model. */
  name: z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/),
  bytes: z.int().positive().max(MODEL_FILE_MAX_BYTES),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const calibrationSchema = z.strictObject({
  /** Distances at or below which a comparison counts as the same person, by wanted false-match rate. */
  thresholds: z.strictObject({ fmr1e2: distance, fmr1e3: distance, fmr1e4: distance }),
  /** A name is given at or below `threshold`, when the second person is at least `margin` further away. */
  openSet: z.strictObject({ threshold: distance, margin: z.number().min(0).max(5) }),
  /** Captures of one enrolment lie no further apart than this. */
  enrolPairMax: distance,
  /**
   * Weight of evidence of a distance, template of three captures against one: `offset - slope * distance` nats, held
   * between `min` and `max`. `till face calibrate FOLDER` reckons it from photographs.
   */
  likelihood: z
    .strictObject({
      offset: z.number().min(-1_000).max(1_000),
      slope: z.number().positive().max(10_000),
      min: z.number().min(-50).max(0),
      max: z.number().min(0).max(50),
    })
    .optional(),
});

const common = {
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{1,62}$/),
  version: z.string().min(1).max(40),
  dimensions: z.int().min(16).max(4096),
  metric: z.enum(['euclidean']),
  /** `unit`: descriptors are brought to length one, and so are their means. */
  normalisation: z.enum(['none', 'unit']),
  files: z.array(fileSchema).min(1).max(20),
  calibration: calibrationSchema,
  licence: z.string().min(1).max(500),
  origin: z.string().min(1).max(500),
};

const faceApiSchema = z.strictObject({
  adapter: z.literal('face-api'),
  ...common,
  detector: z.strictObject({
    kind: z.literal('tiny'),
    size,
    scoreMin: z.number().min(0).max(1),
  }),
});

const scaling = { mean: z.number().min(0).max(255), scale: z.number().positive().max(256) };

const onnxSchema = z.strictObject({
  adapter: z.literal('onnx'),
  ...common,
  detector: z.strictObject({
    /** Outputs `scores` (background, face) and `boxes` (corners as fractions of the picture), one row an anchor. */
    kind: z.literal('corner-boxes'),
    file: z.string(),
    width: size,
    height: size,
    ...scaling,
    scoreMin: z.number().min(0).max(1),
    overlapMax: z.number().min(0).max(1),
  }),
  landmarks: z.strictObject({
    /** One grey square crop in, 68 pairs of fractions of it out. */
    kind: z.literal('grey-68'),
    file: z.string(),
    size,
    ...scaling,
  }),
  /** Five points to the usual reference points of a 112 x 112 crop, by least squares. */
  aligner: z.literal('arcface-5'),
  embedder: z.strictObject({
    file: z.string(),
    size: z.literal(112),
    channels: z.enum(['rgb', 'bgr']),
    ...scaling,
  }),
});

const manifestSchema = z.discriminatedUnion('adapter', [faceApiSchema, onnxSchema]);

/** What is known of a model: how to feed it, what its distances mean, and whose it is. */
export type ModelManifest = z.infer<typeof manifestSchema>;
export type FaceApiManifest = z.infer<typeof faceApiSchema>;
export type OnnxManifest = z.infer<typeof onnxSchema>;

export interface ModelError {
  readonly code:
    | 'bad-manifest'
    | 'file-missing'
    | 'file-altered'
    /** The manifest names another model than the one that is asked for, or takes the name of the shipped one. */
    | 'id-mismatch'
    /** The files are whole, and are not what the manifest says that they are. */
    | 'model-mismatch'
    | 'dimension-mismatch';
  /** The field or file concerned, with what is wrong about it. */
  readonly detail: string;
}

export type ModelResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: ModelError };

/** Reads the manifest of a model; a refusal names the field. */
export function readManifest(source: unknown): ModelResult<ModelManifest> {
  const read = manifestSchema.safeParse(source);
  if (!read.success) {
    const [issue] = read.error.issues;
    return refused('bad-manifest', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
  }
  const names = read.data.files.map(({ name }) => name);
  const named = new Set(names);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) return refused('bad-manifest', `files: ${twice} is listed twice`);
  const missing = usedFiles(read.data).find((name) => !named.has(name));
  return missing === undefined
    ? { ok: true, value: read.data }
    : refused('bad-manifest', `files: ${missing} is used and not listed`);
}

/** The networks of face-api.js, each of two files: what its numbers are, and the numbers. */
export const FACE_API_NETS = {
  tinyFaceDetector: 'tiny_face_detector_model',
  faceLandmark68Net: 'face_landmark_68_model',
  faceRecognitionNet: 'face_recognition_model',
} as const;

function usedFiles(manifest: ModelManifest): string[] {
  if (manifest.adapter === 'face-api')
    return Object.values(FACE_API_NETS).flatMap((net) => [
      `${net}-weights_manifest.json`,
      `${net}.bin`,
    ]);
  return [manifest.detector.file, manifest.landmarks.file, manifest.embedder.file];
}

/**
 * Whether the files are those that the manifest describes.
 * @param sha256 of bytes, as 64 hex digits; passed in, since a page and Node have it in different places
 */
export async function checkModelFiles(
  manifest: ModelManifest,
  files: ReadonlyMap<string, Uint8Array>,
  sha256: (bytes: Uint8Array) => Promise<string> | string,
): Promise<ModelResult<ReadonlyMap<string, Uint8Array>>> {
  for (const { name, bytes, sha256: wanted } of manifest.files) {
    const file = files.get(name);
    if (file === undefined) return refused('file-missing', name);
    if (file.length !== bytes)
      return refused('file-altered', `${name}: ${file.length} bytes, not ${bytes}`);
    if ((await sha256(file)) !== wanted) return refused('file-altered', `${name}: other contents`);
  }
  return { ok: true, value: files };
}

/** A refusal of a model. */
export function refused(
  code: ModelError['code'],
  detail: string,
): { readonly ok: false; readonly error: ModelError } {
  return { ok: false, error: { code, detail } };
}
