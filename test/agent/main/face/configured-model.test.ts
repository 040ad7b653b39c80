import { rmSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { loadConfig } from '../../../../agent/main/config.ts';
import { configuredModel } from '../../../../agent/main/face/configured-model.ts';
import { DEFAULT_MODEL } from '../../../../drivers/face/default-model.ts';
import { changeFile, makePack, ONNX_MANIFEST } from '../../../support/face-pack/model-folders.ts';

const made: string[] = [];
function pack(manifest: Parameters<typeof makePack>[0] = ONNX_MANIFEST): string {
  const folder = makePack(manifest);
  made.push(folder);
  return folder;
}
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true });
});

test('without a pack in the settings it is the shipped model', async () => {
  const config = loadConfig(undefined);
  expect(config.ok && (await configuredModel(config.value))).toEqual({
    ok: true,
    manifest: DEFAULT_MODEL,
  });
});

test('a pack in the settings takes its place, by its own name or the wanted one', async () => {
  const facePackFolder = pack();
  const { id: modelId, version: modelVersion } = ONNX_MANIFEST;
  for (const overrides of [
    { facePackFolder },
    { facePackFolder, faceModel: { modelId, modelVersion } },
  ]) {
    const config = loadConfig(undefined, overrides);
    const model = config.ok ? await configuredModel(config.value) : undefined;
    expect(model).toMatchObject({
      ok: true,
      packFolder: facePackFolder,
      manifest: { id: modelId },
    });
  }
});

describe('a pack that does not fit is refused with what is wrong and what to do', () => {
  test('A model file missing or altered', async () => {
    const folder = pack();
    changeFile(folder, 'fr_feature.onnx', (file) => file.fill((file[9] ?? 0) ^ 1, 9, 10));
    const altered = await configuredModel({ facePackFolder: folder });
    expect(altered).toMatchObject({ ok: false, error: { code: 'file-altered' } });
    expect(!altered.ok && altered.message.en).toContain('fr_feature.onnx: other contents');
    rmSync(folder, { recursive: true });
    made.pop();
    const gone = await configuredModel({ facePackFolder: folder });
    expect(gone).toMatchObject({ ok: false, error: { code: 'file-missing' } });
  });

  test('A manifest whose dimension or model id does not fit', async () => {
    const dimension = await configuredModel({
      facePackFolder: pack({ ...ONNX_MANIFEST, dimensions: 128 }),
    });
    expect(dimension).toMatchObject({ ok: false, error: { code: 'dimension-mismatch' } });
    const faceModel = { modelId: 'other', modelVersion: '1' };
    const other = await configuredModel({ facePackFolder: pack(), faceModel });
    expect(other).toMatchObject({ ok: false, error: { code: 'id-mismatch' } });
    expect(!other.ok && other.remedy.en).toContain('facePackFolder');
  });
});
