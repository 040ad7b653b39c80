import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { COMPANIONS } from '../data-folder.ts';
import { syncFolder, writeDurably } from '../durable-file.ts';
import { readPointer } from '../pointer.ts';

/** Names the database that a snapshot is being loaded into, beside the live one. */
export const SNAPSHOT_NOTE = 'snapshot.json';

const noteSchema = z.strictObject({
  format: z.literal(1),
  file: z.string().regex(/^till-[0-9a-f]{16}\.db$/),
});

/** The file under construction; `undefined` = none, or a note that cannot be read and so names nothing. */
export function readNote(dataDir: string): string | undefined {
  const path = join(dataDir, SNAPSHOT_NOTE);
  if (!existsSync(path)) return undefined;
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const note = noteSchema.safeParse(content);
  // Once the pointer names it, it is the live database and no longer a build.
  if (!note.success || note.data.file === liveFile(dataDir)) return undefined;
  return note.data.file;
}

/** Notes durably which file is being built. */
export function writeNote(dataDir: string, file: string): void {
  writeDurably(join(dataDir, SNAPSHOT_NOTE), `${JSON.stringify({ format: 1, file })}\n`, 0o600);
}

/** Removes the build, if there is one, and the note. The live database is never touched. */
export function discardBuild(dataDir: string): void {
  const file = readNote(dataDir);
  if (file !== undefined)
    for (const companion of COMPANIONS) rmSync(join(dataDir, file + companion), { force: true });
  rmSync(join(dataDir, SNAPSHOT_NOTE), { force: true });
  syncFolder(dataDir);
}

function liveFile(dataDir: string): string | undefined {
  const pointer = readPointer(dataDir);
  return pointer.ok ? pointer.value?.file : undefined;
}
