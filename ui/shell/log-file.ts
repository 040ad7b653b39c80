import { appendFileSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** A log file is put aside at this size; that many are kept beside the one being written. */
export const LOG_FILE_MAX_BYTES = 5 * 1024 * 1024;
export const LOG_FILES_KEPT = 3;
/** Longest line; the rest of a longer one is cut off. */
export const LOG_LINE_MAX_CHARS = 16 * 1024;

/** Appends lines to a log that cannot fill the disk. A log that cannot be written stops nothing. */
export function createLogFile(
  path: string,
  limits: { readonly maxBytes: number } = { maxBytes: LOG_FILE_MAX_BYTES },
): (line: string) => void {
  let sizeBytes: number | undefined;
  const turnOver = (): void => {
    rmSync(`${path}.${LOG_FILES_KEPT}`, { force: true });
    for (let n = LOG_FILES_KEPT - 1; n >= 1; n -= 1)
      if (existsSync(`${path}.${n}`)) renameSync(`${path}.${n}`, `${path}.${n + 1}`);
    renameSync(path, `${path}.1`);
  };
  return (line) => {
    const bytes = Buffer.from(`${line.slice(0, LOG_LINE_MAX_CHARS)}\n`);
    try {
      if (sizeBytes === undefined) {
        mkdirSync(dirname(path), { recursive: true });
        sizeBytes = existsSync(path) ? statSync(path).size : 0;
      }
      if (sizeBytes > 0 && sizeBytes + bytes.length > limits.maxBytes) {
        turnOver();
        sizeBytes = 0;
      }
      appendFileSync(path, bytes, { mode: 0o600 });
      sizeBytes += bytes.length;
    } catch {
      // A full disk has no room for the news of it; the agent tells the cashier. Looked at afresh next time.
      sizeBytes = undefined;
    }
  };
}

/** Cuts a stream of bytes into lines; what has no end yet waits, up to the longest line. */
export function createLineCutter(onLine: (line: string) => void): (chunk: Uint8Array) => void {
  const decoder = new TextDecoder();
  let rest = '';
  return (chunk) => {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = (lines.pop() ?? '').slice(0, LOG_LINE_MAX_CHARS);
    for (const line of lines) if (line !== '') onLine(line);
  };
}
