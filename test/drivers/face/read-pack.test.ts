import { expect, test } from 'vitest';
import { DEFAULT_MODEL } from '../../../drivers/face/default-model.ts';
import { MODEL_FILE_MAX_BYTES } from '../../../drivers/face/model-manifest.ts';
import { readPack } from '../../../drivers/face/read-pack.ts';
import { FACE_API_PACK, ONNX_MANIFEST } from '../../support/face-pack/model-folders.ts';

const refusal = (source: unknown, wanted?: Parameters<typeof readPack>[1]) => {
  const read = readPack(source, wanted);
  return read.ok ? 'ok' : `${read.error.code} ${read.error.detail}`;
};

test('a pack beside the shipped model is read, whatever adapter it names', () => {
  expect(refusal(FACE_API_PACK)).toBe('ok');
  expect(refusal(ONNX_MANIFEST)).toBe('ok');
});

test('a manifest whose model id does not fit is refused: another id or version than the configured one', () => {
  const { id: modelId, version: modelVersion } = ONNX_MANIFEST;
  expect(refusal(ONNX_MANIFEST, { modelId, modelVersion })).toBe('ok');
  expect(refusal(ONNX_MANIFEST, { modelId: 'other', modelVersion })).toBe(
    `id-mismatch id: ${modelId} ${modelVersion}, not other ${modelVersion}`,
  );
  expect(refusal(ONNX_MANIFEST, { modelId, modelVersion: '9' })).toContain('id-mismatch id: ');
});

test('a pack that goes by the name of the shipped model with other files is refused, for its descriptors would be compared', () => {
  const [first, ...others] = DEFAULT_MODEL.files;
  const changed = [{ ...first, sha256: 'a'.repeat(64) }, ...others];
  const shipped = 'is the shipped model, with other files';
  expect(refusal(DEFAULT_MODEL)).toBe('ok');
  expect(refusal({ ...DEFAULT_MODEL, files: changed })).toContain(shipped);
  expect(
    refusal({ ...ONNX_MANIFEST, id: DEFAULT_MODEL.id, version: DEFAULT_MODEL.version }),
  ).toContain(shipped);
  expect(refusal({ ...DEFAULT_MODEL, files: changed, version: '1.7.16' })).toBe('ok');
});

test.each([DEFAULT_MODEL, ONNX_MANIFEST])(
  'a file that the $adapter adapter uses and the manifest does not list is refused by its name',
  (manifest) => {
    for (const missing of manifest.files) {
      const files = manifest.files.filter((one) => one !== missing);
      expect(refusal({ ...manifest, files })).toBe(
        `bad-manifest files: ${missing.name} is used and not listed`,
      );
    }
  },
);

test('a file that is listed twice is refused: which of the two sums counts?', () => {
  const files = [...ONNX_MANIFEST.files, ONNX_MANIFEST.files[0]];
  expect(refusal({ ...ONNX_MANIFEST, files })).toBe(
    'bad-manifest files: fr_detect.onnx is listed twice',
  );
});

test('a listed file may be as large as the limit and no larger', () => {
  const extra = (bytes: number) => ({
    ...ONNX_MANIFEST,
    files: [...ONNX_MANIFEST.files, { name: 'x', bytes, sha256: 'a'.repeat(64) }],
  });
  expect(refusal(extra(MODEL_FILE_MAX_BYTES))).toBe('ok');
  expect(refusal(extra(MODEL_FILE_MAX_BYTES + 1))).toContain('bad-manifest files.3.bytes');
});
