import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_MODEL } from '../../../drivers/face/default-model.ts';
import type { FaceEmbedder } from '../../../drivers/face/embedder.ts';
import { createFaceApiEmbedder } from '../../../drivers/face/face-api-embedder.ts';
import {
  checkModelFiles,
  type ModelManifest,
  type ModelResult,
  readManifest,
  refused,
} from '../../../drivers/face/model-manifest.ts';
import { createOnnxEmbedder } from '../../../drivers/face/onnx-embedder.ts';
import { faceApiModelFolder, loadFaceApi } from './load-face-api.ts';
import { loadOnnx } from './load-onnx.ts';

/** The largest manifest and the largest model file that are read. */
export const MANIFEST_MAX_BYTES = 64 * 1024;
export const MODEL_FILE_MAX_BYTES = 256 * 1024 * 1024;

/** Opens the shipped model, or the pack in a folder with `manifest.json`. */
export async function openModel(pack?: string): Promise<ModelResult<FaceEmbedder>> {
  const manifest =
    pack === undefined ? { ok: true as const, value: DEFAULT_MODEL } : manifestIn(pack);
  if (!manifest.ok) return manifest;
  return openWith(manifest.value, pack ?? faceApiModelFolder());
}

async function openWith(
  manifest: ModelManifest,
  folder: string,
): Promise<ModelResult<FaceEmbedder>> {
  const files = new Map<string, Uint8Array>();
  for (const { name } of manifest.files) {
    const path = join(folder, name);
    if (!existsSync(path)) return refused('file-missing', path);
    if (statSync(path).size > MODEL_FILE_MAX_BYTES)
      return refused('file-altered', `${path}: too large`);
    files.set(name, readFileSync(path));
  }
  const checked = await checkModelFiles(manifest, files, (bytes) =>
    createHash('sha256').update(bytes).digest('hex'),
  );
  if (!checked.ok) return checked;
  if (manifest.adapter === 'onnx') return createOnnxEmbedder(await loadOnnx(), manifest, files);
  return { ok: true, value: createFaceApiEmbedder(await loadFaceApi(), manifest, files) };
}

function manifestIn(pack: string): ModelResult<ModelManifest> {
  const path = join(pack, 'manifest.json');
  if (!existsSync(path)) return refused('file-missing', path);
  if (statSync(path).size > MANIFEST_MAX_BYTES)
    return refused('bad-manifest', `${path}: too large`);
  try {
    return readManifest(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    return refused('bad-manifest', cause instanceof Error ? cause.message : String(cause));
  }
}
