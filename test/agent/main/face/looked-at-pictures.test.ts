import { readFileSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodePicture } from '../../../../agent/main/face/decode-picture.ts';
import { loadFaceApi } from '../../../../agent/main/face/load-face-api.ts';
import { openModel } from '../../../../agent/main/face/open-model.ts';
import { readFaceSet } from '../../../../agent/main/face/read-face-set.ts';
import { distanceOf } from '../../../../drivers/face/descriptor.ts';
import type { FaceEmbedder, FoundFace, Picture } from '../../../../drivers/face/embedder.ts';
import { dominantFace, qualityFaults, qualityOf } from '../../../../drivers/face/quality.ts';
import { makePack } from '../../../support/face-pack/model-folders.ts';
import { must } from '../../../support/must.ts';
import { describeWithShared, sharedPath } from '../../../support/shared.ts';

let pack: string;
const models: Partial<Record<'face-api' | 'onnx', FaceEmbedder>> = {};
beforeAll(async () => {
  pack = makePack();
  models.onnx = must(await openModel(pack));
  models['face-api'] = must(await openModel());
});
afterAll(async () => {
  await models.onnx?.close();
  rmSync(pack, { recursive: true });
});
const model = (name: keyof typeof models) => models[name] as FaceEmbedder;

function read(file: string): Picture {
  const picture = decodePicture(readFileSync(sharedPath(`data/faces/${file}`)));
  if (picture === null) throw new Error(`${file} cannot be decoded`);
  return picture;
}

/** The first photographs of people with several, and of others, as the folder lists them. */
function photographs(role: 'enrol' | 'stranger', count: number): Picture[] {
  const { images } = must(readFaceSet(sharedPath('data/faces')));
  return images
    .filter((image) => image.role === role)
    .slice(0, count)
    .map(({ file }) => read(file));
}

/** Two pictures of one height, side by side. */
function beside(left: Picture, right: Picture): Picture {
  const width = left.width + right.width;
  const data = new Uint8Array(4 * width * left.height);
  for (let y = 0; y < left.height; y++) {
    data.set(left.data.subarray(4 * y * left.width, 4 * (y + 1) * left.width), 4 * y * width);
    data.set(
      right.data.subarray(4 * y * right.width, 4 * (y + 1) * right.width),
      4 * (y * width + left.width),
    );
  }
  return { data, width, height: left.height };
}

const plain = (width: number, height: number, value: number): Picture => ({
  data: new Uint8Array(4 * width * height).fill(value),
  width,
  height,
});

describeWithShared('data/faces')('of photographs', () => {
  test("the default model's descriptor is the library's own, cut out by its dlib alignment", async () => {
    const api = (await loadFaceApi()) as unknown as {
      tf: { tensor3d(values: Float32Array, shape: number[]): { dispose(): void } };
      TinyFaceDetectorOptions: new (options: object) => unknown;
      detectAllFaces(
        tensor: unknown,
        options: unknown,
      ): {
        withFaceLandmarks(): {
          withFaceDescriptors(): Promise<
            { descriptor: Float32Array; detection: { score: number } }[]
          >;
        };
      };
    };
    const embedder = model('face-api');
    const { size, scoreMin } = embedder.manifest.detector as { size: number; scoreMin: number };
    for (const picture of photographs('enrol', 6)) {
      const colours = Float32Array.from(
        { length: 3 * picture.width * picture.height },
        (_, at) => picture.data[4 * Math.floor(at / 3) + (at % 3)] ?? 0,
      );
      const tensor = api.tf.tensor3d(colours, [picture.height, picture.width, 3]);
      const theirs = await api
        .detectAllFaces(
          tensor,
          new api.TinyFaceDetectorOptions({ inputSize: size, scoreThreshold: scoreMin }),
        )
        .withFaceLandmarks()
        .withFaceDescriptors();
      tensor.dispose();
      const ours = await embedder.find(picture);
      expect(ours.length).toBe(theirs.length);
      for (const face of ours) {
        const same = theirs.find(({ detection }) => detection.score === face.score);
        const descriptor = await embedder.describe(picture, face);
        expect(distanceOf(descriptor, same?.descriptor ?? new Float32Array(128))).toBe(0);
      }
    }
  });

  test.each(['face-api', 'onnx'] as const)(
    'two faces are both found and nobody is chosen, %s',
    async (name) => {
      const [left, right] = photographs('stranger', 2) as [Picture, Picture];
      const faces = await model(name).find(beside(left, right));
      expect(faces.length).toBeGreaterThanOrEqual(2);
      expect(dominantFace(faces)).toEqual({ ok: false, fault: 'several-faces' });
    },
  );

  test.each(['face-api', 'onnx'] as const)(
    'a printed photo and a phone screen are faces like any other: no figure here tells a picture from a person, %s',
    async (name) => {
      const lines = readFileSync(sharedPath('data/faces/pad.csv'), 'utf8')
        .trim()
        .split('\n')
        .slice(1);
      const passed = { attack: 0, genuine: 0 };
      for (const line of lines) {
        const [file = '', presentation] = line.split(',') as [string, keyof typeof passed];
        const picture = read(file);
        // Stored lying on its side, and found because it is turned upright first.
        expect(picture.height).toBeGreaterThan(picture.width);
        const faces = await model(name).find(picture);
        expect(faces.length).toBe(1);
        const quality = qualityOf(picture, faces[0] as FoundFace);
        // How good a capture is, and no more: liveness is the challenge's or a vendor's to say.
        expect(Object.keys(quality).sort()).toEqual([
          'grey',
          'pose',
          'score',
          'sharpness',
          'widthPx',
        ]);
        if (qualityFaults(quality).length === 0) passed[presentation]++;
      }
      // The gates let the living person pass, and one of the two attacks: whoever takes them for more is mistaken.
      expect(passed).toEqual({ attack: 1, genuine: 1 });
    },
  );
});

test.each(['face-api', 'onnx'] as const)(
  'no face in a grey frame, a black one, a tiny one, noise, %s',
  async (name) => {
    const noise = plain(320, 240, 0);
    let state = 1;
    noise.data.forEach((_, at) => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      noise.data[at] = state >> 16;
    });
    for (const picture of [plain(640, 480, 128), plain(640, 480, 0), plain(1, 1, 200), noise])
      expect(dominantFace(await model(name).find(picture))).toEqual({
        ok: false,
        fault: 'no-face',
      });
  },
);

test.each(['face-api', 'onnx'] as const)(
  'landmarks far outside of the picture give no descriptor that could be kept, %s',
  async (name) => {
    const embedder = model(name);
    const landmarks = Array.from({ length: 68 }, () => ({ x: 9_000, y: 9_000 }));
    const box = { x: 0, y: 0, width: 1, height: 1 };
    const descriptor = await embedder.describe(plain(64, 64, 9), { box, score: 1, landmarks });
    expect(descriptor).toEqual(new Float32Array(embedder.manifest.dimensions));
  },
);
