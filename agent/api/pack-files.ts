import { readFile, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { FACE_PACK_PATH } from '../contract/index.ts';
import type { StaticFiles } from './static-files.ts';

export const PACK_PATH = FACE_PACK_PATH;

/** What a pack is made of: its manifest and networks, by plain names. */
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]*\.(json|onnx|bin)$/;
/** Largest file of a pack that is served, in bytes. */
export const PACK_FILE_MAX_BYTES = 256 * 1024 * 1024;

/**
 * Serves one folder with a model pack, and from it only files by plain names. Pages check each against the manifest; the
 * manifest is the store's own word.
 * @param folder where `manifest.json` lies
 */
export function createPackFiles(
  folder: string,
  maxBytes: number = PACK_FILE_MAX_BYTES,
): StaticFiles {
  return async (path) => {
    const name = path.startsWith(PACK_PATH) ? path.slice(PACK_PATH.length) : '';
    if (!NAME.test(name)) return undefined;
    // Whatever cannot be reached is no file of ours: the page is told that there is none.
    const nothing = (): undefined => undefined;
    const root = await realpath(folder).catch(nothing);
    const place = await realpath(join(folder, name)).catch(nothing);
    if (root === undefined || place === undefined || !place.startsWith(root + sep))
      return undefined;
    const found = await stat(place).catch(nothing);
    if (found === undefined || !found.isFile() || found.size > maxBytes) return undefined;
    const type = name.endsWith('.json')
      ? 'application/json; charset=utf-8'
      : 'application/octet-stream';
    return { bytes: await readFile(place), type, cacheControl: 'no-cache' };
  };
}
