import { accessSync, constants, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { renameFile, syncFolder } from './durable-file.ts';
import { FIRST_PAGE_ENDING } from './integrity/first-page.ts';
import { MARK_ENDING } from './ledger-mark.ts';

const DATABASE_FILE = /^till-[0-9a-f]{16}\.db$/;

/** What lies beside a database: SQLite's own files, the copy of its first page, the mark of its last entry. */
export const COMPANIONS = ['', '-wal', '-shm', '-journal', FIRST_PAGE_ENDING, MARK_ENDING];

/** Makes the data folder for this user alone where it does not exist, and proves that it can be written. Throws. */
export function prepareDataFolder(dataDir: string): void {
  // Asked first, because creating several folders on a read-only disk fails with "no such file".
  accessSync(nearestFolder(dataDir), constants.W_OK | constants.X_OK);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
}

function nearestFolder(path: string): string {
  const parent = dirname(path);
  return existsSync(path) || parent === path ? path : nearestFolder(parent);
}

/** Names of the databases in the folder, live or not. */
export function databasesIn(dataDir: string): string[] {
  return readdirSync(dataDir).filter((name) => DATABASE_FILE.test(name));
}

/**
 * Puts a database that was never finished aside under the ending `.unfinished`: nothing is deleted, because a person
 * should decide about files that hold data.
 */
export function setAside(dataDir: string, file: string): void {
  for (const companion of COMPANIONS) {
    const path = join(dataDir, file + companion);
    if (existsSync(path)) renameFile(path, `${path}.unfinished`);
  }
  syncFolder(dataDir);
}
