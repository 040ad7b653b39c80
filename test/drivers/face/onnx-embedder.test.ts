import { describe, expect, test } from 'vitest';
import { REFERENCE_POINTS } from '../../../drivers/face/align.ts';
import type { FaceEmbedder, FoundFace } from '../../../drivers/face/embedder.ts';
import type { OnnxManifest } from '../../../drivers/face/model-manifest.ts';
import { createOnnxEmbedder, type OnnxNetwork } from '../../../drivers/face/onnx-embedder.ts';
import { ONNX_MANIFEST } from '../../support/face-pack/model-folders.ts';

type Answer = Readonly<Record<string, Float32Array>>;
type Run = (input: Float32Array, shape: readonly number[]) => Answer;

const manifest: OnnxManifest = { ...ONNX_MANIFEST, dimensions: 32, normalisation: 'none' };
/** One face over the left half of the picture, and one too weak to count. */
const rows: Answer = {
  scores: Float32Array.of(0.1, 0.9, 0.6, 0.4),
  boxes: Float32Array.of(0, 0, 0.5, 1, 0.5, 0, 1, 1),
};
const good = {
  detector: (): Answer => rows,
  landmarks: (): Answer => ({ points: new Float32Array(136).fill(0.5) }),
  embedder: (): Answer => ({ out: new Float32Array(32).fill(2) }),
};

/** Opens the pack on networks that answer as told, in the order detector, landmarks, embedder; counts what is closed. */
async function open(given: Partial<Record<keyof typeof good, Run>> = {}, used = manifest) {
  const runs = { ...good, ...given } as Record<string, Run>;
  const names = Object.keys(good);
  let opened = 0;
  let closed = 0;
  const made = await createOnnxEmbedder(
    (): Promise<OnnxNetwork> => {
      const run = runs[names[opened++] ?? ''] as Run;
      return Promise.resolve({
        run: async (input, shape) => run(input, shape),
        close: async () => void closed++,
      });
    },
    used,
    new Map(),
  );
  const refusal = made.ok ? 'ok' : `${made.error.code} ${made.error.detail}`;
  return { refusal, closed, embedder: made.ok ? made.value : null };
}

describe('networks that answer in other shapes than the manifest says are refused, and all closed', () => {
  test.each<[string, Parameters<typeof open>[0], string]>([
    [
      'a detector without scores',
      { detector: () => ({ boxes: new Float32Array(8) }) },
      'fr_detect',
    ],
    [
      'a detector without boxes',
      { detector: () => ({ scores: new Float32Array(4) }) },
      'fr_detect',
    ],
    ['a detector without rows', { detector: () => ({}) }, 'fr_detect'],
    [
      'five landmarks',
      { landmarks: () => ({ points: new Float32Array(10) }) },
      'fr_landmark.onnx: 10',
    ],
    [
      'a descriptor of another length',
      { embedder: () => ({ out: new Float32Array(31) }) },
      'gives 31',
    ],
    [
      'a network that stops',
      {
        embedder: () => {
          throw new Error('bad input');
        },
      },
      'model-mismatch bad input',
    ],
  ])('%s', async (_what, given, detail) => {
    const { refusal, closed } = await open(given);
    expect(refusal).toMatch(/^(model|dimension)-mismatch /);
    expect(refusal).toContain(detail);
    expect(closed).toBe(3);
  });

  test('one that cannot be opened closes those that were', async () => {
    let closed = 0;
    let opened = 0;
    const made = await createOnnxEmbedder(
      () => {
        if (opened++ === 2) return Promise.reject(new Error('no network'));
        return Promise.resolve({ run: async () => ({}), close: async () => void closed++ });
      },
      manifest,
      new Map(),
    );
    expect(made).toEqual({ ok: false, error: { code: 'model-mismatch', detail: 'no network' } });
    expect(closed).toBe(2);
  });
});

const picture = { data: new Uint8Array(4 * 200 * 100), width: 200, height: 100 };

test('a found face has its box square on its height, and landmarks in pixels of the picture', async () => {
  const { embedder } = await open();
  const found = await (embedder as FaceEmbedder).find(picture);
  expect(found).toHaveLength(1);
  expect(found[0]).toMatchObject({ box: { x: 0, y: 0, width: 100, height: 99 } });
  expect(found[0]?.landmarks).toHaveLength(68);
  expect(found[0]?.landmarks[0]).toEqual({ x: 50, y: 49.5 });
});

describe('the embedder is fed', () => {
  /** A face that lies in the picture as in the reference crop, so that the crop is the picture's corner. */
  const landmarks = Array.from({ length: 68 }, (_, at) => {
    if (at >= 36 && at < 42) return REFERENCE_POINTS[0];
    if (at >= 42 && at < 48) return REFERENCE_POINTS[1];
    if (at === 48 || at === 60) return REFERENCE_POINTS[3];
    if (at === 54 || at === 64) return REFERENCE_POINTS[4];
    return REFERENCE_POINTS[2];
  }) as FoundFace['landmarks'];
  const face = { box: { x: 0, y: 0, width: 112, height: 112 }, score: 1, landmarks };
  const orange = { data: new Uint8Array(4 * 112 * 112), width: 112, height: 112 };
  for (let at = 0; at < orange.data.length; at += 4) orange.data.set([255, 128, 0, 255], at);

  test.each([
    ['rgb', [1, 0, -1]],
    ['bgr', [-1, 0, 1]],
  ] as const)('planes in the order %s, scaled by the manifest', async (channels, wanted) => {
    let seen = new Float32Array(0);
    let seenShape: readonly number[] = [];
    const embedder = (input: Float32Array, shape: readonly number[]): Answer => {
      seen = new Float32Array(input);
      seenShape = shape;
      return good.embedder();
    };
    const feed = { ...ONNX_MANIFEST.embedder, channels, mean: 127.5, scale: 127.5 };
    const made = await open({ embedder }, { ...manifest, embedder: feed });
    const descriptor = await (made.embedder as FaceEmbedder).describe(orange, face);
    expect(seenShape).toEqual([1, 3, 112, 112]);
    const middle = 56 * 112 + 56;
    const planes = [0, 1, 2].map((plane) => Math.round(seen[plane * 112 * 112 + middle] ?? 9));
    expect(planes.map((value) => value + 0)).toEqual(wanted);
    expect(descriptor).toEqual(new Float32Array(32).fill(2));
  });

  test('its descriptor is brought to length one where the manifest says so', async () => {
    const made = await open({}, { ...manifest, normalisation: 'unit' });
    const descriptor = await (made.embedder as FaceEmbedder).describe(orange, face);
    expect(Math.hypot(...descriptor)).toBeCloseTo(1, 5);
  });
});
