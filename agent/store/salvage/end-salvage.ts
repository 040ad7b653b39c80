import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { COMPANIONS } from '../data-folder.ts';
import { renameFile, syncFolder } from '../durable-file.ts';
import { type Pointer, writePointer } from '../pointer.ts';

/**
 * At the start that found the salvaged database whole: the damaged one and its log are set aside under a name with the
 * time, where nothing of the program touches them again.
 * @returns the pointer as it stands then
 */
export function endSalvage(dataDir: string, pointer: Pointer): Pointer {
  const { damaged, ...rest } = pointer;
  if (damaged === undefined) return pointer;
  for (const companion of COMPANIONS) {
    const path = join(dataDir, damaged.file + companion);
    if (existsSync(path)) renameFile(path, join(dataDir, damaged.aside + companion));
  }
  syncFolder(dataDir);
  writePointer(dataDir, rest);
  return rest;
}
