import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { type HqOpenProblem, hqOpenProblem } from './hq-open-problem.ts';

const LOCK_FILE = 'hq.lock';

/** The right to be the one HQ of a data folder. It ends with the process, also when that is killed. */
export interface FolderLock {
  release(): void;
}

/**
 * Takes the lock of a data folder, or says that another program has it; never waits. Makes the folder if need be.
 *
 * An exclusive transaction on an empty SQLite file is a lock of the operating system on every platform: it goes with
 * the process, however that ends, so nobody has to judge by a number in a file whether a lock is stale.
 */
export function lockFolder(folder: string): Result<FolderLock, HqOpenProblem> {
  const path = join(folder, LOCK_FILE);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const file = new Database(path, { timeout: 0 });
    try {
      file.exec('BEGIN EXCLUSIVE');
    } catch (error) {
      file.close();
      throw error;
    }
    return ok({ release: () => void file.close() });
  } catch (error) {
    return err(problemOf(error, path));
  }
}

function problemOf(error: unknown, path: string): HqOpenProblem {
  const { code = '', message = String(error) } = error as { code?: string; message?: string };
  if (code === 'SQLITE_BUSY') return hqOpenProblem('folder-in-use', path);
  if (code === 'ENOSPC' || code === 'SQLITE_FULL') return hqOpenProblem('disk-full', path);
  return hqOpenProblem('folder-not-writable', `${path}: ${message}`);
}
