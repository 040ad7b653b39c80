import { readFile, realpath, stat } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';

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
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
};

/** Largest file that is served, in bytes; models and bundles of the screens stay well below. */
const FILE_MAX_BYTES = 64 * 1024 * 1024;

/** A file of the screens, ready to be sent. */
export interface StaticFile {
  readonly bytes: Buffer;
  readonly type: string;
  readonly cacheControl: string;
}

/** Finds the file behind a path of the till's own pages; undefined = there is none. */
export type StaticFiles = (path: string) => Promise<StaticFile | undefined>;

/**
 * Serves the built screens of one folder. A path without an extension is a page of the single-page app and gets
 * `index.html`. Only types that the screens are made of are served, and nothing whose real place, links resolved, lies
 * outside the folder.
 * @param folder where `index.html` lies
 */
export function createStaticFiles(folder: string): StaticFiles {
  return async (path) => {
    // Whatever cannot be reached is no file of ours: the browser is told that there is none.
    const nothing = (): undefined => undefined;
    const root = await realpath(folder).catch(nothing);
    const relative = decode(path);
    if (root === undefined || relative === undefined) return undefined;
    const extension = extname(relative);
    const file = join(root, extension === '' ? 'index.html' : relative);
    const type = TYPES[extension === '' ? '.html' : extension];
    if (type === undefined) return undefined;
    const place = await realpath(file).catch(nothing);
    if (place === undefined || !place.startsWith(root + sep)) return undefined;
    const found = await stat(place).catch(nothing);
    if (found === undefined || !found.isFile() || found.size > FILE_MAX_BYTES) return undefined;
    return { bytes: await readFile(place), type, cacheControl: cacheControlOf(relative) };
  };
}

function decode(path: string): string | undefined {
  try {
    const decoded = decodeURIComponent(path);
    return /[\\\0]|(^|\/)\.\.?(\/|$)/.test(decoded) ? undefined : decoded;
  } catch {
    // Not a valid escape sequence: no file has such a name.
    return undefined;
  }
}

/** The build names its assets by their content, so they never change under one name; pages do. */
function cacheControlOf(path: string): string {
  return /^\/assets\/.+-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$/.test(path)
    ? 'public, max-age=31536000, immutable'
    : 'no-cache';
}
