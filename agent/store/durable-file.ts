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
  renameFile(temporary, path);
  syncFolder(dirname(path));
}

/** What a system answers while a virus scanner or a backup program looks at a file; Windows has three words for it. */
const HELD = process.platform === 'win32' ? ['EBUSY', 'EPERM', 'EACCES'] : ['EBUSY'];
/** How long is waited for whoever holds a file, in milliseconds: scanners let go within some hundred. */
export const HELD_WAIT_MS = 2_000;
const HELD_STEP_MS = 50;

/** Renames a file, and waits a moment where another program holds it. Throws the system's errors. */
export function renameFile(from: string, to: string, waitMs: number = HELD_WAIT_MS): void {
  whileHeld(() => renameSync(from, to), waitMs);
}

/** Whether an error says that another program holds the file. */
export function isHeld(error: unknown): boolean {
  return error instanceof Error && 'code' in error && HELD.includes(String(error.code));
}

/** Does what a file is needed for, again and again for a moment where another program holds it. Throws its errors. */
export function whileHeld<T>(work: () => T, waitMs: number): T {
  for (let waitedMs = 0; ; waitedMs += HELD_STEP_MS) {
    try {
      return work();
    } catch (error) {
      if (!isHeld(error) || waitedMs >= waitMs) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, HELD_STEP_MS);
    }
  }
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
