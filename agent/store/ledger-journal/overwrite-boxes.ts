import { closeSync, existsSync, fdatasyncSync, openSync } from 'node:fs';
import type { ERASED_BYTE } from './journal-cipher.ts';
import { writeWhole } from './journal-files.ts';
import type { SecretPlace, Segment } from './read-journal.ts';

/**
 * Destroys secrets in their place, and flushes. Throws the system's errors; a file that is gone is none.
 * @param fill {@link ERASED_BYTE} says for good that their key was erased, and takes it out of the database at the next start
 * too; 0 is for files that are about to go
 */
export function overwriteBoxes(
  segments: readonly Segment[],
  boxes: readonly SecretPlace[],
  fill: typeof ERASED_BYTE | 0,
): void {
  const bySegment = Map.groupBy(boxes, ({ segment }) => segment);
  for (const [no, places] of bySegment) {
    const path = segments.find((segment) => segment.no === no)?.path;
    if (path === undefined || !existsSync(path)) continue;
    const handle = openSync(path, 'r+');
    try {
      for (const { at, bytes } of places) writeWhole(handle, Buffer.alloc(bytes, fill), at);
      fdatasyncSync(handle);
    } finally {
      closeSync(handle);
    }
  }
}
