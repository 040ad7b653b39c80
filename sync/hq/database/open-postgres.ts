import { type ClientBase, Pool, type PoolClient, type PoolConfig, types } from 'pg';
import { assert, err, ok, type Result } from '../../../agent/contract/result.ts';
import type { HqLog } from '../deps.ts';
import type { HqDatabase, HqSession, HqValue } from './database.ts';
import {
  databaseError,
  hqDatabaseError,
  TOO_MANY_WAITING,
  WAITING_MAX,
} from './hq-database-error.ts';
import { type HqOpenProblem, hqOpenProblem } from './hq-open-problem.ts';
import { createPostgresListener } from './postgres-listener.ts';
import { createTransactionGuard } from './transaction-guard.ts';

/** Connections of one HQ process, beside the one for notifications. */
export const POOL_MAX = 16;
/** Longest wait for a connection to the server, in milliseconds. */
export const CONNECT_MS = 10_000;
/** A transaction that does nothing for so long is ended by the server, so that it cannot hold locks for ever. */
export const IDLE_IN_TRANSACTION_MS = 60_000;
/** A statement that works for so long is ended by the server, in milliseconds: the longest ones here take seconds. */
export const STATEMENT_MS = 120_000;
/** A statement that waits for a lock for so long is ended, in milliseconds; its caller is told to come again. */
export const LOCK_MS = 15_000;
/** A server that answers nothing for so long is given up, in milliseconds: later than it ends statements itself. */
export const ANSWER_MS = STATEMENT_MS + 10_000;
/** The system begins to look whether an idle connection still stands after so long, in milliseconds. */
const KEEP_ALIVE_AFTER_MS = 10_000;
/** The oldest server that has all that our SQL uses, as `server_version_num`. */
const SERVER_VERSION_MIN = 140_000;

/** The type `bigint[]`. */
const INT8_ARRAY = 1016;
type TypeId = Parameters<typeof types.getTypeParser>[0];

const BEGIN = 'BEGIN';
const BEGIN_REPEATABLE_READ = 'BEGIN ISOLATION LEVEL REPEATABLE READ';

export interface PostgresOptions {
  readonly log: HqLog;
  /** Connections at most; {@link POOL_MAX} unless said. */
  readonly poolMax?: number;
}

/** Opens a database of a PostgreSQL server at `postgresql://user:password@host:port/name`. */
export async function openPostgres(
  url: string,
  { log, poolMax = POOL_MAX }: PostgresOptions,
): Promise<Result<HqDatabase, HqOpenProblem>> {
  const config: PoolConfig = {
    connectionString: url,
    max: poolMax,
    connectionTimeoutMillis: CONNECT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    application_name: 'tillside-hq',
    statement_timeout: STATEMENT_MS,
    lock_timeout: LOCK_MS,
    query_timeout: ANSWER_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    types: { getTypeParser: parserOf },
  };
  let pool: Pool;
  try {
    pool = new Pool(config);
  } catch (error) {
    return err(hqOpenProblem('server-unreachable', (error as Error).message));
  }
  pool.on('error', (error) => log('warn', 'an idle database connection broke', said(error)));
  try {
    const { rows } = await pool.query(
      `SELECT current_setting('server_version_num')::int AS version`,
    );
    const version = Number(rows[0]?.version);
    if (version < SERVER_VERSION_MIN) {
      await pool.end();
      return err(hqOpenProblem('server-too-old', `server_version_num ${version}`));
    }
  } catch (error) {
    await pool.end();
    return err(problemOf(error));
  }
  return ok(overPool(pool, config, log));
}

function overPool(pool: Pool, config: PoolConfig, log: HqLog): HqDatabase {
  const guard = createTransactionGuard();
  const listener = createPostgresListener(config, log);

  function refuseWhenFull(): void {
    if (pool.waitingCount < WAITING_MAX) return;
    throw databaseError(TOO_MANY_WAITING, null, 'too many statements wait for the database');
  }

  return {
    engine: 'postgresql',
    async query<Row>(sql: string, values: readonly HqValue[] = []): Promise<Row[]> {
      guard.outside();
      refuseWhenFull();
      return rowsOf<Row>(pool, sql, values);
    },
    async script(sql) {
      guard.outside();
      await pool.query(sql).catch(rethrow);
    },
    async transaction(work, isolation) {
      guard.outside();
      refuseWhenFull();
      const client = await pool.connect().catch(rethrow);
      return await guard.inside(() => runTransaction(client, work, isolation));
    },
    listen: (channel, heard) => listener.listen(channel, heard),
    async close() {
      await listener.close();
      await pool.end();
    },
  };
}

async function runTransaction<T>(
  client: PoolClient,
  work: (tx: HqSession) => Promise<T>,
  isolation?: 'repeatable read',
): Promise<T> {
  let broken: Error | undefined;
  const onError = (error: Error) => {
    broken = error;
  };
  client.on('error', onError);
  try {
    await rowsOf(client, isolation === undefined ? BEGIN : BEGIN_REPEATABLE_READ, []);
    const value = await work({
      query: <Row>(sql: string, values: readonly HqValue[] = []) =>
        rowsOf<Row>(client, sql, values),
    });
    const { command } = await client.query('COMMIT').catch(rethrow);
    // The server answers COMMIT with ROLLBACK, without an error, where a statement failed that `work` swallowed.
    if (command !== 'COMMIT')
      throw databaseError('25P02', null, 'a failed transaction was committed');
    return value;
  } catch (error) {
    await client.query('ROLLBACK').catch((cause: Error) => {
      broken = cause;
    });
    throw error;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

async function rowsOf<Row>(
  session: Pool | ClientBase,
  sql: string,
  values: readonly HqValue[],
): Promise<Row[]> {
  try {
    const { rows } = await session.query(sql, values as unknown[]);
    return rows as Row[];
  } catch (error) {
    throw hqDatabaseError(error);
  }
}

function rethrow(error: unknown): never {
  throw hqDatabaseError(error);
}

function parserOf(oid: number, format?: 'text' | 'binary') {
  if (oid === types.builtins.INT8) return exactNumber;
  const parse = types.getTypeParser(oid as TypeId, format as 'text');
  return oid === INT8_ARRAY ? (value: string) => parse(value).map(exactOrNull) : parse;
}

function exactOrNull(digits: string | null): number | null {
  return digits === null ? null : exactNumber(digits);
}

function exactNumber(digits: string): number {
  const value = Number(digits);
  assert(Number.isSafeInteger(value), 'a bigint of the database fits a number');
  return value;
}

function problemOf(error: unknown): HqOpenProblem {
  const { code, message } = hqDatabaseError(error);
  // Class 28: wrong user or password; 3D000: no such database; 42501: may not.
  const refused = code?.startsWith('28') || code === '3D000' || code === '42501';
  return hqOpenProblem(refused ? 'server-refused' : 'server-unreachable', message || `${code}`);
}

function said(error: Error): { error: string } {
  return { error: hqDatabaseError(error).message };
}
