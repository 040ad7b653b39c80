import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { MANIFEST_MAX_BYTES, openModel } from '../../../../agent/main/face/open-model.ts';
import { DEFAULT_MODEL } from '../../../../drivers/face/default-model.ts';
import type { FaceApiManifest, OnnxManifest } from '../../../../drivers/face/model-manifest.ts';
import {
  changeFile,
  FACE_API_PACK,
  makePack,
  ONNX_MANIFEST,
  replaceFile,
} from '../../../support/face-pack/model-folders.ts';

const made: string[] = [];
function pack(manifest: FaceApiManifest | OnnxManifest = ONNX_MANIFEST): string {
  const folder = makePack(manifest);
  made.push(folder);
  return folder;
}
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true });
});

async function refusal(...given: Parameters<typeof openModel>): Promise<string> {
  const opened = await openModel(...given);
  if (!opened.ok) return `${opened.error.code} ${opened.error.detail}`;
  await opened.value.close();
  return 'ok';
}

/** A manifest that vouches for the files as they lie in the folder. */
function vouchFor(folder: string, manifest: FaceApiManifest | OnnxManifest): void {
  const files = manifest.files.map(({ name }) => {
    const bytes = readFileSync(join(folder, name));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { name, bytes: bytes.length, sha256 };
  });
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ ...manifest, files }));
}

test('the shipped model and a pack of each adapter open', async () => {
  expect(await refusal()).toBe('ok');
  expect(await refusal(pack(FACE_API_PACK))).toBe('ok');
  expect(await refusal(pack())).toBe('ok');
});

describe('a manifest whose dimension or model id does not fit', () => {
  test.each([
    [FACE_API_PACK, 64, 128],
    [ONNX_MANIFEST, 128, 512],
  ])('dimension of %o', async (manifest, said, given) => {
    expect(await refusal(pack({ ...manifest, dimensions: said }))).toBe(
      `dimension-mismatch dimensions: ${said}, the model gives ${given}`,
    );
  });

  test('id that is not the configured one, and id of the shipped model', async () => {
    expect(await refusal(pack(), { modelId: 'other', modelVersion: '1' })).toBe(
      'id-mismatch id: fr-feature-512 0.0.1, not other 1',
    );
    const { id, version } = DEFAULT_MODEL;
    expect(await refusal(pack({ ...ONNX_MANIFEST, id, version }))).toContain(
      'id-mismatch id: face-api-128 1.7.15 is the shipped model',
    );
  });
});

describe('a model file missing or altered', () => {
  test.each([FACE_API_PACK, ONNX_MANIFEST])('is named, adapter $adapter', async (manifest) => {
    for (const { name, bytes } of manifest.files) {
      const folder = pack(manifest);
      changeFile(folder, name, (file) => file.fill((file[9] ?? 0) ^ 1, 9, 10));
      expect(await refusal(folder)).toBe(`file-altered ${name}: other contents`);
      changeFile(folder, name, (file) => file.subarray(1));
      expect(await refusal(folder)).toBe(
        `file-altered ${join(folder, name)}: ${bytes - 1} bytes, not ${bytes}`,
      );
      rmSync(join(folder, name));
      expect(await refusal(folder)).toBe(`file-missing ${join(folder, name)}`);
    }
  });

  test('so is a folder of that name, and a pack without a manifest', async () => {
    const folder = pack();
    rmSync(join(folder, 'manifest.json'));
    expect(await refusal(folder)).toBe(`file-missing ${join(folder, 'manifest.json')}`);
    mkdirSync(join(folder, 'manifest.json'));
    expect(await refusal(folder)).toContain(`file-missing ${join(folder, 'manifest.json')}: `);
  });
});

test('a file that the manifest does not list is not looked at', async () => {
  const folder = pack();
  writeFileSync(join(folder, 'more.onnx'), 'no network');
  expect(await refusal(folder)).toBe('ok');
});

describe('files that are whole and not what the manifest says', () => {
  test.each([
    ['fr_landmark.onnx', 'fr_detect.onnx'],
    ['fr_detect.onnx', 'fr_feature.onnx'],
    ['fr_feature.onnx', 'fr_landmark.onnx'],
  ])('a network in the place of %s', async (name, by) => {
    const folder = pack();
    replaceFile(folder, name, by);
    vouchFor(folder, ONNX_MANIFEST);
    expect(await refusal(folder)).toContain('model-mismatch ');
  });

  test('a file that is no network, of either adapter', async () => {
    const onnx = pack();
    changeFile(onnx, 'fr_feature.onnx', () => Buffer.from('no network'));
    vouchFor(onnx, ONNX_MANIFEST);
    expect(await refusal(onnx)).toContain('model-mismatch ');
    const faceApi = pack(FACE_API_PACK);
    replaceFile(
      faceApi,
      'face_recognition_model-weights_manifest.json',
      'tiny_face_detector_model-weights_manifest.json',
    );
    vouchFor(faceApi, FACE_API_PACK);
    expect(await refusal(faceApi)).toContain('model-mismatch ');
    // What a refused pack left in the library does not stay: the next one brings all its numbers.
    expect(await refusal()).toBe('ok');
  });
});

test('a manifest may be as long as the limit and no longer, and has to be JSON', async () => {
  const folder = pack();
  const path = join(folder, 'manifest.json');
  writeFileSync(path, JSON.stringify(ONNX_MANIFEST).padEnd(MANIFEST_MAX_BYTES));
  expect(await refusal(folder)).toBe('ok');
  writeFileSync(path, JSON.stringify(ONNX_MANIFEST).padEnd(MANIFEST_MAX_BYTES + 1));
  expect(await refusal(folder)).toBe(`bad-manifest ${path}: more than ${MANIFEST_MAX_BYTES} bytes`);
  writeFileSync(path, '{');
  expect(await refusal(folder)).toContain(`bad-manifest ${path}: `);
});
