import { readFile, realpath, stat } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';

/** What the screens are made of; nothing else is served. */
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.bin': 'application/octet-stream',
};

/** Largest file that is served, in bytes. */
export const SCREEN_FILE_MAX_BYTES = 64 * 1024 * 1024;

/** A file of the screens. */
export interface ScreenFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
}

/**
 * Reads a file of the built screens; undefined = there is none. A path without an extension is a page of the
 * single-page program. Links are resolved first, so that nothing outside the folder can be named.
 * @param folder where `index.html` lies
 * @param path the path of an address, escapes included
 */
export async function readScreenFile(
  folder: string,
  path: string,
): Promise<ScreenFile | undefined> {
  const relative = decode(path);
  if (relative === undefined) return undefined;
  const extension = extname(relative);
  const type = TYPES[extension === '' ? '.html' : extension];
  if (type === undefined) return undefined;
  const root = await realpath(folder).catch(() => undefined);
  if (root === undefined) return undefined;
  const file = join(root, extension === '' ? 'index.html' : relative);
  const place = await realpath(file).catch(() => undefined);
  if (place === undefined || !place.startsWith(root + sep)) return undefined;
  const found = await stat(place).catch(() => undefined);
  if (found === undefined || !found.isFile() || found.size > SCREEN_FILE_MAX_BYTES)
    return undefined;
  return { bytes: new Uint8Array(await readFile(place)), type };
}

function decode(path: string): string | undefined {
  try {
    const decoded = decodeURIComponent(path);
    return /[\\\0:]|(^|\/)\.\.?(\/|$)/.test(decoded) ? undefined : decoded;
  } catch {
    // Not a valid escape sequence: no file has such a name.
    return undefined;
  }
}
