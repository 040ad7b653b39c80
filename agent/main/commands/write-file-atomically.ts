import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { err, ok, type Result } from '../../contract/result.ts';

/**
 * Writes a text file so that readers see the old content or the whole of the other: beside it, synced, then renamed.
 * @returns why it could not be written; then the old file is untouched and nothing is left beside it
 */
export function writeFileAtomically(path: string, content: string): Result<void, string> {
  const beside = `${path}.${process.pid}.tmp`;
  try {
    const file = openSync(beside, 'wx');
    try {
      const bytes = Buffer.from(content, 'utf8');
      for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(beside, path);
    return ok(undefined);
  } catch (cause) {
    rmSync(beside, { force: true });
    return err(
      `${path} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`,
    );
  }
}
