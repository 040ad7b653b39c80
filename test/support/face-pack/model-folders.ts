import {
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { faceApiModelFolder } from '../../../agent/main/face/load-face-api.ts';
import { DEFAULT_MODEL } from '../../../drivers/face/default-model.ts';
import type { FaceApiManifest, OnnxManifest } from '../../../drivers/face/model-manifest.ts';

/** The manifest of the pack of the tests; its networks come from a development dependency, whose code is never loaded. */
export const ONNX_MANIFEST = JSON.parse(
  readFileSync(fileURLToPath(new URL('manifest.json', import.meta.url)), 'utf8'),
) as OnnxManifest;

/** The shipped networks under another name, as a store's own pack. */
export const FACE_API_PACK: FaceApiManifest = { ...DEFAULT_MODEL, id: 'face-api-of-a-store' };

const sources = {
  'face-api': faceApiModelFolder(),
  onnx: join(
    dirname(createRequire(import.meta.url).resolve('faceplugin-face-recognition-js/package.json')),
    'model',
  ),
};

/** A temporary folder with a manifest and the files that it lists; remove it at the end. */
export function makePack(manifest: FaceApiManifest | OnnxManifest = ONNX_MANIFEST): string {
  const folder = mkdtempSync(join(tmpdir(), 'tillside-face-pack-'));
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
  for (const { name } of manifest.files)
    symlinkSync(join(sources[manifest.adapter], name), join(folder, name));
  return folder;
}

/** Puts a changed copy in the place of one file of a pack. */
export function changeFile(
  folder: string,
  name: string,
  change: (bytes: Buffer<ArrayBuffer>) => Uint8Array,
): void {
  const path = join(folder, name);
  const bytes = readFileSync(path);
  rmSync(path);
  writeFileSync(path, change(bytes));
}

/** Puts one file of a pack in the place of another. */
export function replaceFile(folder: string, name: string, by: string): void {
  rmSync(join(folder, name));
  copyFileSync(join(folder, by), join(folder, name));
}
