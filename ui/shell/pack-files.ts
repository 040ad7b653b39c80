import { readFile, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { FACE_PACK_PATH } from '../../agent/contract/face-session.ts';
import type { ScreenFile } from './screen-files.ts';

/** What a pack is made of: its manifest and networks, by plain names. */
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]*\.(json|onnx|bin)$/;
/** Largest file of a pack that is served, in bytes. */
export const PACK_FILE_MAX_BYTES = 256 * 1024 * 1024;

/**
 * Reads a file of the store's face model pack; undefined = there is none. Links are resolved first, so that nothing outside
 * the folder can be named.
 * @param folder where `manifest.json` lies; undefined = the till has no pack
 * @param path the path of an address, escapes included
 */
export async function readPackFile(
  folder: string | undefined,
  path: string,
): Promise<ScreenFile | undefined> {
  const name = path.slice(FACE_PACK_PATH.length);
  if (folder === undefined || !NAME.test(name)) return undefined;
  const root = await realpath(folder).catch(() => undefined);
  const place = await realpath(join(folder, name)).catch(() => undefined);
  if (root === undefined || place === undefined || !place.startsWith(root + sep)) return undefined;
  const found = await stat(place).catch(() => undefined);
  if (found === undefined || !found.isFile() || found.size > PACK_FILE_MAX_BYTES) return undefined;
  const type = name.endsWith('.json')
    ? 'application/json; charset=utf-8'
    : 'application/octet-stream';
  return { bytes: new Uint8Array(await readFile(place)), type };
}
