import type Database from 'better-sqlite3';
import { assert } from '../../contract/index.ts';
import { LOG_ALONE_PAGES, LOG_MAX_PAGES } from '../checkpoint/log-pages.ts';
import type { LogMover, StorageError } from '../store.ts';
import { createLogScrubber } from './log-scrubber.ts';
import { isDamage, isStorageError, sqliteCode, toThrown } from './storage-error.ts';

/** What SQLite takes as a bound value here. */
export type SqlValue = string | number | null | Uint8Array;

/** A prepared statement whose rows have the shape `Row`. */
export interface Statement<Row> {
  get(...values: readonly SqlValue[]): Row | undefined;
  all(...values: readonly SqlValue[]): Row[];
  /** Rows changed. */
  run(...values: readonly SqlValue[]): number;
}

/**
 * The one write connection. Every error of the disk leaves as a StorageError; after one, the running transaction
 * refuses all further statements, because SQLite may have rolled it back already and a statement that went on would
 * be committed by itself.
 */
export interface Connection {
  /** Path of the database. */
  readonly file: string;
  statement<Row = unknown>(sql: string): Statement<Row>;
  /** One IMMEDIATE transaction; nesting and asynchronous work break an invariant. */
  transaction<T>(work: () => T): T;
  /** Joins the running transaction, or makes one for work of several statements that belong together. */
  together<T>(work: () => T): T;
  /**
   * Called in a transaction that erases: the write-ahead log is moved into the file and emptied, so that the bytes do not
   * stay there. Where no thread moves the log that is at the commit, else by {@link scrubErased}; also over a kill.
   */
  scrubLog(): void;
  /** See `Store.scrubErased`. */
  scrubErased(): void;
  /** See `Store.leaveLog`. */
  leaveLog(to: LogMover | undefined): void;
  /** See `Store.onDamaged`. */
  onDamaged(tell: (detail: string) => void): void;
  /** Called after each commit that returned. */
  onCommitted(tell: () => void): void;
  /** See `SyncStore.isCrowded`. */
  isCrowded(): boolean;
  close(): void;
}

/** Wraps an open, keyed and migrated database. */
export function createConnection(db: Database.Database): Connection {
  let failed: StorageError | undefined;
  let transactionRuns = false;
  let mover: LogMover | undefined;
  let damage: string | undefined;
  let onDamaged: ((detail: string) => void) | undefined;
  let onCommitted: (() => void) | undefined;

  function tellDamaged(detail: string): void {
    if (damage !== undefined) return;
    damage = detail;
    onDamaged?.(detail);
  }

  function guarded<T>(work: () => T): T {
    if (failed !== undefined) throw failed;
    try {
      return work();
    } catch (error) {
      const thrown = toThrown(error);
      if (isStorageError(thrown) && transactionRuns) failed = thrown;
      if (isDamage(error)) tellDamaged(String(sqliteCode(error)));
      throw thrown;
    }
  }

  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  const rollback = db.prepare('ROLLBACK');

  function statement<Row>(sql: string): Statement<Row> {
    const prepared = db.prepare<SqlValue[], Row>(sql);
    return {
      get: (...values) => guarded(() => prepared.get(...values)),
      all: (...values) => guarded(() => prepared.all(...values)),
      run: (...values) => guarded(() => prepared.run(...values).changes),
    };
  }

  const scrubber = createLogScrubber({ db, statement, mover: () => mover });

  function transaction<T>(work: () => T): T {
    assert(!transactionRuns, 'transactions of the store do not nest');
    guarded(() => begin.run());
    transactionRuns = true;
    try {
      const result = work();
      assert(!isThenable(result), 'a transaction of the store waits for nothing');
      guarded(() => commit.run());
      onCommitted?.();
      return result;
    } catch (error) {
      if (db.inTransaction) rollback.run();
      throw error;
    } finally {
      transactionRuns = false;
      failed = undefined;
      scrubber.committed();
    }
  }

  return {
    file: db.name,
    statement,
    transaction,
    together: (work) => (transactionRuns ? work() : transaction(work)),
    scrubLog() {
      assert(transactionRuns, 'what erases and the wish to scrub are written together');
      scrubber.want();
    },
    scrubErased: scrubber.beat,
    leaveLog(to) {
      mover = to;
      db.pragma(`wal_autocheckpoint=${to === undefined ? LOG_ALONE_PAGES : LOG_MAX_PAGES}`);
    },
    onCommitted(tell) {
      onCommitted = tell;
    },
    onDamaged(tell) {
      onDamaged = tell;
      if (damage !== undefined) tell(damage);
    },
    isCrowded: () => mover?.isCrowded() ?? false,
    close: () => void db.close(),
  };
}

function isThenable(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  );
}
