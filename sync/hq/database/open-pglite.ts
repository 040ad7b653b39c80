import { AsyncLocalStorage } from 'node:async_hooks';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite, type Transaction } from '@electric-sql/pglite';
import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { type Text, text } from '../../../agent/contract/text.ts';
import type { HqLog } from '../deps.ts';
import type { HqDatabase, HqSession, HqValue } from './database.ts';
import { type FolderLock, lockFolder } from './folder-lock.ts';
import {
  databaseError,
  hqDatabaseError,
  TOO_MANY_WAITING,
  WAITING_MAX,
} from './hq-database-error.ts';
import { type HqOpenProblem, hqOpenProblem } from './hq-open-problem.ts';
import { createTransactionGuard } from './transaction-guard.ts';

/** What everybody who runs HQ on PGlite must know. */
export const PGLITE_WARNING: Text = text(
  '内嵌的 PGlite 数据库从不强制写盘：断电可能丢失最近的数据。只用于演示；正式使用请选 embedded 或 PostgreSQL 服务器',
  'The built-in PGlite database never forces its data to the disk: a power cut may lose the latest. For trying out only; for real use choose embedded or a PostgreSQL server',
);

/** The folder of PGlite inside HQ's data folder. */
export const PGLITE_FOLDER = 'pglite';

/**
 * Opens PGlite in this process: in a data folder, which no other program may use meanwhile, or in memory. It has one
 * connection; transactions and statements run one after the other.
 */
export async function openPglite(
  folder: string | 'memory',
  { log }: { readonly log: HqLog },
): Promise<Result<HqDatabase, HqOpenProblem>> {
  if (folder === 'memory') return ok(overPglite(await PGlite.create(), null));
  if (existsSync(join(folder, 'postgresql')))
    return err(hqOpenProblem('folder-of-another-kind', `${folder}: PostgreSQL`));
  const lock = lockFolder(folder);
  if (!lock.ok) return lock;
  const dataDir = join(folder, PGLITE_FOLDER);
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    const pglite = await PGlite.create({ dataDir });
    log('warn', PGLITE_WARNING.en, { folder });
    return ok(overPglite(pglite, lock.value));
  } catch (error) {
    lock.value.release();
    return err(problemOf(error, dataDir));
  }
}

/** HQ's database over a PGlite; `lock` is given back when it closes. */
export function overPglite(pglite: PGlite, lock: FolderLock | null): HqDatabase {
  const guard = createTransactionGuard();
  let waiting = 0;

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    guard.outside();
    if (waiting >= WAITING_MAX)
      throw databaseError(TOO_MANY_WAITING, null, 'too many statements wait for the database');
    waiting++;
    try {
      return await work();
    } finally {
      waiting--;
    }
  }

  return {
    engine: 'pglite',
    query: <Row>(sql: string, values: readonly HqValue[] = []) =>
      inTurn(() => rowsOf<Row>(pglite, sql, values)),
    script: (sql) => inTurn(async () => void (await pglite.exec(sql).catch(rethrow))),
    transaction: (work, isolation) =>
      inTurn(() => guard.inside(() => runTransaction(pglite, work, isolation))),
    async listen(channel, heard) {
      // Called in the midst of the statement that notified: never as a part of its transaction.
      const apart = AsyncLocalStorage.bind(heard);
      const stop = await pglite.listen(channel, (payload) => setImmediate(apart, payload));
      return async () => {
        if (!pglite.closed) await stop();
      };
    },
    async close() {
      await pglite.close();
      lock?.release();
    },
  };
}

async function runTransaction<T>(
  pglite: PGlite,
  work: (tx: HqSession) => Promise<T>,
  isolation?: 'repeatable read',
): Promise<T> {
  let own: { error: unknown } | null = null;
  try {
    return await pglite.transaction(async (tx) => {
      if (isolation !== undefined) await tx.exec('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
      const query = <Row>(sql: string, values: readonly HqValue[] = []) =>
        rowsOf<Row>(tx, sql, values);
      return await work({ query }).catch((error: unknown) => {
        own = { error };
        throw error;
      });
    });
  } catch (error) {
    // What `work` threw goes on as it is; what BEGIN or COMMIT threw is the engine's.
    throw own === null ? hqDatabaseError(error) : error;
  }
}

async function rowsOf<Row>(
  session: PGlite | Transaction,
  sql: string,
  values: readonly HqValue[],
): Promise<Row[]> {
  try {
    const { rows } = await session.query<Row>(sql, values as unknown[]);
    return rows;
  } catch (error) {
    throw hqDatabaseError(error);
  }
}

function rethrow(error: unknown): never {
  throw hqDatabaseError(error);
}

function problemOf(error: unknown, path: string): HqOpenProblem {
  const { code, message = String(error) } = error as { code?: string; message?: string };
  if (code === 'ENOSPC') return hqOpenProblem('disk-full', path);
  if (code === 'EACCES' || code === 'EROFS') return hqOpenProblem('folder-not-writable', path);
  return hqOpenProblem('database-damaged', `${path}: ${message}`);
}
