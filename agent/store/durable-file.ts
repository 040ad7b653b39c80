import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Writes a small file so that a power cut leaves either the former text or all of `text`: temporary file, fsync,
 * rename, fsync of the folder. Throws the system's errors.
 * @param mode permission bits, e.g. 0o600
 */
export function writeDurably(path: string, text: string, mode: number): void {
  const temporary = `${path}.part`;
  const file = openSync(temporary, 'w', mode);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  syncFolder(dirname(path));
}

/** Makes renames and creations in a folder durable. */
export function syncFolder(path: string): void {
  // Windows cannot open folders for this; NTFS journals its metadata.
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
