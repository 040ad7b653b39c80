import { err, type Result } from '../../../agent/contract/result.ts';
import { type HqFailure, hqFailure } from '../../protocol/hq-error.ts';
import type { HqSession } from '../database/database.ts';
import {
  databaseError,
  isHqDatabaseError,
  TOO_MANY_WAITING,
} from '../database/hq-database-error.ts';
import type { HqDeps } from '../deps.ts';

/** How often one booking is begun before its caller is told to come again. */
export const TRANSACTION_TRIES_MAX = 8;

const SERIALIZATION_FAILURE = '40001';
/** Another transaction came first: the next try sees what it left. */
const RETRIED: ReadonlySet<string> = new Set([SERIALIZATION_FAILURE, '40P01', '23505']);

/**
 * Runs one booking as a transaction, again from the start where another one got in between: a serialization failure, a
 * deadlock, or a row that was written at the same time. `work` must hold nothing over from a try that failed.
 * @returns `busy` where it fails {@link TRANSACTION_TRIES_MAX} times in a row, or where the database takes no more work
 */
export async function transact<T>(
  { db, log }: Pick<HqDeps, 'db' | 'log'>,
  work: (tx: HqSession) => Promise<Result<T, HqFailure>>,
): Promise<Result<T, HqFailure>> {
  for (let tries = 1; ; tries++) {
    try {
      return await db.transaction(work);
    } catch (error) {
      if (!isHqDatabaseError(error) || error.code === null) throw error;
      const { code, constraint } = error;
      if (code === TOO_MANY_WAITING) return err(hqFailure('busy'));
      if (!RETRIED.has(code)) throw error;
      if (tries < TRANSACTION_TRIES_MAX) continue;
      log('warn', 'a booking met others too often', { code, constraint, tries });
      return err(hqFailure('busy'));
    }
  }
}

/** What a booking throws when something that it read before its locks has changed under them: it begins again. */
export function changedMeanwhile(what: string): Error {
  return databaseError(SERIALIZATION_FAILURE, null, `${what} changed meanwhile`);
}
