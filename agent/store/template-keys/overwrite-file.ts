import { closeSync, existsSync, fstatSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';

/** Bytes written at a time. */
const STEP_BYTES = 64 * 1024;

/**
 * Writes zeros over all of a file, in place, onto the disk; nothing where there is none. Throws the system's errors. A disk
 * that writes elsewhere (flash with wear levelling, a file system that copies on write) may keep the old bytes all the same.
 */
export function overwriteFile(path: string): void {
  if (!existsSync(path)) return;
  const file = openSync(path, 'r+');
  try {
    const { size } = fstatSync(file);
    const zeros = Buffer.alloc(Math.min(size, STEP_BYTES));
    for (let at = 0; at < size; at += zeros.length)
      writeSync(file, zeros, 0, Math.min(zeros.length, size - at), at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Overwrites a file and removes it. */
export function destroyFile(path: string): void {
  overwriteFile(path);
  rmSync(path, { force: true });
}
