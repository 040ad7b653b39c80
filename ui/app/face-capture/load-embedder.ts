import { DEFAULT_MODEL } from '../../../drivers/face/default-model.ts';
import type { FaceEmbedder, Picture } from '../../../drivers/face/embedder.ts';
import { createFaceApiEmbedder } from '../../../drivers/face/face-api-embedder.ts';
import {
  checkModelFiles,
  type ModelManifest,
  type ModelResult,
  refused,
} from '../../../drivers/face/model-manifest.ts';
import { createOnnxEmbedder } from '../../../drivers/face/onnx-embedder.ts';
import { type ModelName, readPack } from '../../../drivers/face/read-pack.ts';
import { DEFAULT_MODEL_URLS } from './model-files.ts';
import { type FetchFile, readModelFile, sha256Hex } from './read-model-file.ts';

/** A face-sized picture in one grey, for the first run of each network, which compiles and takes many times as long. */
const WARM_UP_PX = 320;

/**
 * Loads the shipped model or a pack, checks every file against the manifest, and runs detector and descriptor
 * once.
 * @param pack address of a folder with `manifest.json`, with a slash at its end
 * @param wanted the model that the till compares by; absent = any
 * @returns refused with the file or field that does not fit; nothing is fetched from anywhere else
 */
export async function loadEmbedder(
  fetchFile: FetchFile,
  pack?: string,
  wanted?: ModelName,
): Promise<ModelResult<FaceEmbedder>> {
  const manifest = pack === undefined ? shipped(wanted) : await manifestOf(fetchFile, pack, wanted);
  if (!manifest.ok) return manifest;
  const files = new Map<string, Uint8Array>();
  for (const { name } of manifest.value.files) {
    const address = pack === undefined ? DEFAULT_MODEL_URLS[name] : `${pack}${name}`;
    if (address === undefined) return refused('file-missing', name);
    const file = await readModelFile(fetchFile, name, address);
    if (!file.ok) return file;
    files.set(name, file.value);
  }
  const checked = await checkModelFiles(manifest.value, files, sha256Hex);
  if (!checked.ok) return checked;
  const embedder = await openWith(fetchFile, manifest.value, checked.value);
  if (embedder.ok) await warmUp(embedder.value);
  return embedder;
}

async function openWith(
  fetchFile: FetchFile,
  manifest: ModelManifest,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<ModelResult<FaceEmbedder>> {
  // Each runtime is a megabyte and more; only the one in use is loaded.
  if (manifest.adapter === 'onnx') {
    const { startOnnx } = await import('./start-onnx.ts');
    const open = await startOnnx(fetchFile);
    return open.ok ? createOnnxEmbedder(open.value, manifest, files) : open;
  }
  const { startFaceApi } = await import('./start-face-api.ts');
  const api = await startFaceApi(fetchFile);
  return api.ok ? createFaceApiEmbedder(api.value, manifest, files) : api;
}

/** A till that compares by a pack does not take numbers of the shipped model. */
function shipped(wanted?: ModelName): ModelResult<ModelManifest> {
  const read = readPack(DEFAULT_MODEL, wanted);
  return read.ok ? { ok: true, value: DEFAULT_MODEL } : read;
}

async function manifestOf(
  fetchFile: FetchFile,
  pack: string,
  wanted?: ModelName,
): Promise<ModelResult<ModelManifest>> {
  const file = await readModelFile(fetchFile, 'manifest.json', `${pack}manifest.json`);
  if (!file.ok) return file;
  try {
    return readPack(JSON.parse(new TextDecoder().decode(file.value)), wanted);
  } catch (cause) {
    return refused('bad-manifest', cause instanceof Error ? cause.message : String(cause));
  }
}

async function warmUp(embedder: FaceEmbedder): Promise<void> {
  const picture: Picture = {
    data: new Uint8ClampedArray(4 * WARM_UP_PX * WARM_UP_PX).fill(128),
    width: WARM_UP_PX,
    height: WARM_UP_PX,
  };
  await embedder.find(picture);
  const points = Array.from({ length: 68 }, (_, at) => ({
    x: WARM_UP_PX / 4 + (at % 8) * 16,
    y: WARM_UP_PX / 4 + Math.floor(at / 8) * 16,
  }));
  const box = { x: 80, y: 80, width: 160, height: 160 };
  await embedder.describe(picture, { box, score: 1, landmarks: points });
}
