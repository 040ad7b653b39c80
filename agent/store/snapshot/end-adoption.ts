import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { COMPANIONS } from '../data-folder.ts';
import { renameFile, syncFolder } from '../durable-file.ts';
import { type Pointer, writePointer } from '../pointer.ts';
import { BUILD_TABLES } from './build-state.ts';

/** Ending of a database in whose place another one was adopted. */
export const OLD_ENDING = '.old';
const OLD_FILE = /^till-[0-9a-f]{16}\.db(-wal|-shm|-journal|\.first|\.mark)?\.old$/;

/**
 * At a start that found the live database whole: where it was adopted since, the one before it is set aside under
 * `.old`; at any other start what was set aside goes. So a person has one run of the till to come back to it.
 */
export function endAdoption(dataDir: string, pointer: Pointer, db: Database.Database): void {
  const { previous, ...rest } = pointer;
  if (previous === undefined) {
    const old = readdirSync(dataDir).filter((name) => OLD_FILE.test(name));
    for (const name of old) rmSync(join(dataDir, name), { force: true });
    return;
  }
  for (const table of BUILD_TABLES) db.exec(`DROP TABLE IF EXISTS ${table}`);
  for (const companion of COMPANIONS) {
    const path = join(dataDir, previous + companion);
    if (existsSync(path)) renameFile(path, path + OLD_ENDING);
  }
  syncFolder(dataDir);
  writePointer(dataDir, rest);
}
