import { err, ok, type Result } from '../../../agent/contract/result.ts';
import type { HqSession } from '../database/database.ts';
import { isHqDatabaseError } from '../database/hq-database-error.ts';
import type { HqDeps } from '../deps.ts';
import { inBulk } from '../records/bulk.ts';
import { type ImportFailure, importFailure } from './import-failure.ts';
import { advanced, type ImportState, moveImport } from './import-state.ts';
import type { BatchResult } from './import-target.ts';
import { IMPORT_BATCH_TRIES } from './limits.ts';
import type { SourceRow } from './source-row.ts';

/** Another transaction came first: the batch sees what it left and is tried again. */
const RETRIED: ReadonlySet<string | null> = new Set(['40001', '40P01', '23505']);

/**
 * Writes a batch in one transaction with the note of how far the import got.
 * @returns where the import stands after it; `already-running` where another program has written this batch
 */
export async function writeBatch(
  deps: HqDeps,
  state: ImportState,
  rows: readonly SourceRow[],
  write: (tx: HqSession) => Promise<BatchResult>,
): Promise<Result<ImportState, ImportFailure>> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await inBulk(deps.db, async (tx): Promise<Result<ImportState, ImportFailure>> => {
        const result = await write(tx);
        const next = advanced(state, rows, result);
        if (await moveImport(tx, state, next, result.problems)) return ok(next);
        throw new MovedMeanwhile();
      });
    } catch (error) {
      if (error instanceof MovedMeanwhile) return err(importFailure('already-running', ''));
      const again =
        isHqDatabaseError(error) && RETRIED.has(error.code) && tries < IMPORT_BATCH_TRIES;
      if (!again) throw error;
    }
  }
}

/** What writing a batch would come to: it is written and rolled back. */
export async function tryBatch(
  deps: HqDeps,
  write: (tx: HqSession) => Promise<BatchResult>,
): Promise<BatchResult> {
  try {
    return await inBulk(deps.db, async (tx): Promise<never> => {
      throw new OnlyTried(await write(tx));
    });
  } catch (error) {
    if (error instanceof OnlyTried) return error.result;
    throw error;
  }
}

/** Rolls a batch back that another program has written. */
class MovedMeanwhile extends Error {}
/** Rolls a trial back, and carries out what it came to. */
class OnlyTried extends Error {
  readonly result: BatchResult;
  constructor(result: BatchResult) {
    super('only tried');
    this.result = result;
  }
}
