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
  refused,
} from '../../../drivers/face/model-manifest.ts';
import { createOnnxEmbedder } from '../../../drivers/face/onnx-embedder.ts';
import { type ModelName, readPack } from '../../../drivers/face/read-pack.ts';
import { faceApiModelFolder, loadFaceApi } from './load-face-api.ts';
import { loadOnnx } from './load-onnx.ts';

/** The largest `manifest.json` that is read. */
export const MANIFEST_MAX_BYTES = 64 * 1024;

/**
 * Opens the shipped model, or the pack in a folder with `manifest.json`. Nothing but the files that the manifest lists is
 * read, and nothing is fetched.
 * @param wanted the model that is configured, where one is: a pack of another name is refused
 */
export async function openModel(
  pack?: string,
  wanted?: ModelName,
): Promise<ModelResult<FaceEmbedder>> {
  const manifest =
    pack === undefined
      ? { ok: true as const, value: DEFAULT_MODEL }
      : readManifestFile(pack, wanted);
  if (!manifest.ok) return manifest;
  const files = await filesOf(manifest.value, pack ?? faceApiModelFolder());
  if (!files.ok) return files;
  return manifest.value.adapter === 'onnx'
    ? createOnnxEmbedder(await loadOnnx(), manifest.value, files.value)
    : createFaceApiEmbedder(await loadFaceApi(), manifest.value, files.value);
}

async function filesOf(
  manifest: ModelManifest,
  folder: string,
): Promise<ModelResult<ReadonlyMap<string, Uint8Array>>> {
  const files = new Map<string, Uint8Array>();
  for (const { name, bytes } of manifest.files) {
    const path = join(folder, name);
    if (!existsSync(path)) return refused('file-missing', path);
    // Before it is read: a file of another size is another file, however large.
    const { size } = statSync(path);
    if (size !== bytes) return refused('file-altered', `${path}: ${size} bytes, not ${bytes}`);
    const file = readBytes(path);
    if (!file.ok) return file;
    files.set(name, file.value);
  }
  return checkModelFiles(manifest, files, (bytes) =>
    createHash('sha256').update(bytes).digest('hex'),
  );
}

function readManifestFile(pack: string, wanted?: ModelName): ModelResult<ModelManifest> {
  const path = join(pack, 'manifest.json');
  if (!existsSync(path)) return refused('file-missing', path);
  const { size } = statSync(path);
  if (size > MANIFEST_MAX_BYTES)
    return refused('bad-manifest', `${path}: more than ${MANIFEST_MAX_BYTES} bytes`);
  const file = readBytes(path);
  if (!file.ok) return file;
  try {
    return readPack(JSON.parse(file.value.toString('utf8')), wanted);
  } catch (cause) {
    return refused('bad-manifest', `${path}: ${cause instanceof Error ? cause.message : cause}`);
  }
}

/** A folder of that name, or a file that the account may not read, is there and is still no file to use. */
function readBytes(path: string): ModelResult<Buffer> {
  try {
    return { ok: true, value: readFileSync(path) };
  } catch (cause) {
    return refused('file-missing', `${path}: ${cause instanceof Error ? cause.message : cause}`);
  }
}
