import { cp, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { err, ok, type Result } from '../../../agent/contract/result.ts';
import type { HqSession } from '../database/database.ts';
import type { HqDatabaseConfig } from '../database/open-hq-database.ts';
import { PGLITE_FOLDER } from '../database/open-pglite.ts';
import { type BackupProblem, backupProblem } from './backup-problem.ts';

/**
 * Copies the files of a PGlite database that only this program has open, after a checkpoint. The copy is a folder that
 * can be opened as it is; it appears whole and synced, or not at all.
 * @returns path of the folder
 */
export async function backUpPglite(
  db: HqSession,
  database: HqDatabaseConfig,
  folder: string,
  startedAt: string,
): Promise<Result<string, BackupProblem>> {
  if (database.kind !== 'pglite' || database.folder === 'memory') {
    return err(backupProblem('in-memory', database.kind));
  }
  const target = join(resolve(folder), `tillside-hq-${startedAt.replace(/[:.]/g, '-')}`);
  const beside = `${target}.part`;
  try {
    await db.query('CHECKPOINT');
    await rm(beside, { recursive: true, force: true });
    await mkdir(beside, { recursive: true, mode: 0o700 });
    await cp(join(database.folder, PGLITE_FOLDER), join(beside, PGLITE_FOLDER), {
      recursive: true,
    });
    await syncAll(beside);
    await rename(beside, target);
    return ok(target);
  } catch (cause) {
    await rm(beside, { recursive: true, force: true });
    return err(
      backupProblem('not-written', cause instanceof Error ? cause.message : String(cause)),
    );
  }
}

async function syncAll(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = await open(join(entry.parentPath, entry.name), 'r+');
    await file.sync();
    await file.close();
  }
}
