import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

const OWNER_ONLY = 0o600;

/**
 * Writes a small file unless there is one, and answers what stands there: of several processes that do so at once one
 * wins and all read its content. A power cut leaves either nothing or the whole. Throws the system's errors.
 * @param mark tells temporary files of several writers apart
 */
export function createOnce(path: string, content: Uint8Array, mark: string): Buffer {
  const temporary = writeBeside(path, content, mark);
  try {
    // A link fails where the name is taken; a rename would replace what another process has begun to use.
    linkSync(temporary, path);
    syncFolder(dirname(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
  return readFileSync(path);
}

/** Puts `content` in the place of what stands at `path`: a reader or a power cut finds the old or the whole. */
export function replaceDurably(path: string, content: Uint8Array, mark: string): void {
  renameSync(writeBeside(path, content, mark), path);
  syncFolder(dirname(path));
}

function writeBeside(path: string, content: Uint8Array, mark: string): string {
  const temporary = `${path}.${mark}.part`;
  const file = openSync(temporary, 'wx', OWNER_ONLY);
  try {
    for (let written = 0; written < content.length; )
      written += writeSync(file, content, written, content.length - written);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return temporary;
}

function syncFolder(path: string): void {
  // Windows cannot open folders for this; NTFS journals its metadata.
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
