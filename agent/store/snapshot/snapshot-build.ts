import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import type { SegmentWanted, SnapshotProgress } from '../../../sync/client/ports.ts';
import type { Cursor } from '../../../sync/protocol/feed.ts';
import { rowHash } from '../../../sync/protocol/feed-hash.ts';
import type { SnapshotStart } from '../../../sync/protocol/snapshot.ts';
import { assert, err, ok, type Result } from '../../contract/index.ts';
import { migrate } from '../migrate.ts';
import { MIGRATIONS } from '../migrations.ts';
import { type Connection, createConnection } from '../sqlite/connection.ts';
import { openDatabase } from '../sqlite/open-database.ts';
import { isStorageError, toThrown } from '../sqlite/storage-error.ts';
import { createDigestState } from '../sync/digest-state.ts';
import { type BuildState, beginBuildState, readBuildState } from './build-state.ts';
import { decodeSegment, type Segment } from './decode-segment.ts';
import { isBehind } from './is-behind.ts';
import { createLoadDigests } from './load-digests.ts';
import { createLoaders } from './load-rows.ts';
import { discardBuild, readNote, writeNote } from './snapshot-note.ts';
import { createStoredRows } from './stored-rows.ts';

/** A build that was begun longer ago is thrown away: the feed may not reach back to its start. */
export const BUILD_KEPT_MS = 24 * 60 * 60_000;
/** Rows that are read back at a time to be checked. */
const CHECKED_ROWS = 4_096;

export type SegmentRefusal = { readonly code: 'segment-damaged'; readonly message: string };
export type SnapshotRefusal = { readonly code: 'snapshot-damaged'; readonly message: string };

/** Loads a snapshot into a second database file, segment by segment. Throws StorageError where the disk fails. */
export interface SnapshotBuild {
  progress(): SnapshotProgress;
  /** Takes a segment whole or not at all; one that was taken before changes nothing. */
  segment(wanted: SegmentWanted, bytes: Uint8Array): Result<SnapshotProgress, SegmentRefusal>;
  /** Makes the indexes and checks every page. A damaged build is thrown away. */
  finish(): Result<SnapshotProgress, SnapshotRefusal>;
  close(): void;
}

export interface SnapshotBuildOptions {
  readonly dataDir: string;
  /** Of the live database; both files have the same. */
  readonly key: Uint8Array;
  readonly nowMs: number;
  /** Of the till's registration. */
  readonly storeId: string;
  /** Eight random bytes in hex, which name the file where one is made. */
  readonly fileId: string;
  /** Digests are kept under this key (64 hex digits) where a build is begun; absent or `null` = they are made later. */
  readonly digestKey?: string | null;
  /** The till's place in the feed: a build that was begun behind it is not gone on with. */
  readonly cursor?: Cursor | undefined;
}

/** Indexes of tables that the feed fills; other indexes cost nothing while their tables are empty. */
const FED_INDEXES = `SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL
  AND tbl_name IN ('members', 'member_cards', 'articles', 'staff', 'points_lots', 'points_accounts')`;

/** Goes on with the build of the same store and timeline that was cut and is not behind the till, or throws away what there is and begins one. */
export function openSnapshotBuild(
  options: SnapshotBuildOptions,
  start: SnapshotStart,
): SnapshotBuild {
  const resumed = resumeBuild(options, start.start.timeline);
  if (resumed !== undefined) return resumed;
  const { dataDir, key, nowMs, storeId, fileId, digestKey = null } = options;
  discardBuild(dataDir);
  const file = `till-${fileId}.db`;
  writeNote(dataDir, file);
  const db = openForBuild(join(dataDir, file), key, true);
  try {
    // Nothing is lost until the build knows of itself, which is the first flush.
    db.pragma('synchronous=OFF');
    const migrated = migrate(db, MIGRATIONS, nowMs);
    assert(migrated.ok, 'a fresh file takes the schema');
    db.pragma('synchronous=FULL');
    const connection = createConnection(db);
    connection.transaction(() => {
      const indexes = db.prepare<[], { name: string; sql: string }>(FED_INDEXES).all();
      for (const { name } of indexes) connection.statement(`DROP INDEX ${name}`).run();
      if (digestKey !== null) createDigestState(connection).setKey(digestKey, 'made');
      beginBuildState(
        connection,
        start,
        storeId,
        nowMs,
        indexes.map(({ sql }) => sql),
      );
    });
    return createBuild(options, db, connection);
  } catch (error) {
    db.close();
    throw toThrown(error);
  }
}

/** The build that lies in the folder, where it is whole, of this store and timeline, not too old and not behind the till. */
function resumeBuild(options: SnapshotBuildOptions, timeline: string): SnapshotBuild | undefined {
  const { dataDir, key, nowMs, storeId, cursor } = options;
  const file = readNote(dataDir);
  if (file === undefined || !existsSync(join(dataDir, file))) return undefined;
  const db = openBuildFile(join(dataDir, file), key);
  if (db === undefined) return undefined;
  try {
    const connection = createConnection(db);
    const state = migrate(db, MIGRATIONS, nowMs).ok ? readBuildState(connection) : undefined;
    const ageMs = nowMs - (state?.begunAtMs ?? 0);
    const isOurs =
      state?.storeId === storeId &&
      state.start.timeline === timeline &&
      !isBehind(state.start, cursor);
    if (isOurs && ageMs >= 0 && ageMs <= BUILD_KEPT_MS) return createBuild(options, db, connection);
  } catch (error) {
    // A page that cannot be read: the build is made anew. A failing disk will say so again at the first write.
    const thrown = toThrown(error);
    if (!isStorageError(thrown) || thrown.code === 'storage-full') {
      db.close();
      throw thrown;
    }
  }
  db.close();
  return undefined;
}

/** Opens a build's file; nothing where it is no database of this key, as after a cut in its first moments. */
export function openBuildFile(path: string, key: Uint8Array): Database.Database | undefined {
  try {
    return openForBuild(path, key, false);
  } catch (error) {
    const thrown = toThrown(error);
    if (isStorageError(thrown) && thrown.code === 'storage-failed') return undefined;
    throw thrown;
  }
}

/**
 * Like the live database, but with a rollback journal: rows that come in order of the key make new pages, which are then
 * encrypted and written once, where a write-ahead log would have each twice. A cut costs the segment under way.
 */
function openForBuild(path: string, key: Uint8Array, create: boolean): Database.Database {
  const db = openDatabase(path, key, create);
  db.pragma('journal_mode=DELETE');
  db.pragma('foreign_keys=OFF');
  db.pragma('secure_delete=OFF');
  return db;
}

function createBuild(
  { dataDir }: SnapshotBuildOptions,
  db: Database.Database,
  connection: Connection,
): SnapshotBuild {
  const found = readBuildState(connection);
  assert(found !== undefined, 'a build knows of itself');
  const state: BuildState = found;
  const loadersOf = createLoaders(connection);
  const storedRows = createStoredRows(connection);
  const addDigests = createLoadDigests(connection);

  /** SHA-256 over the hashes of the rows as the database has them, and how many there are; digests are made by the way. */
  function hashStored(table: string, after: string): { rows: number; hash: string } {
    const hash = createHash('sha256');
    const digests = addDigests(table);
    let rows = 0;
    for (let from = after; ; ) {
      const some = storedRows(table, from, CHECKED_ROWS);
      for (const [key, ver, body] of some) {
        const one = rowHash([table, key, ver, body]);
        hash.update(one);
        digests.add(key, one);
      }
      rows += some.length;
      from = some.at(-1)?.[0] ?? from;
      if (some.length >= CHECKED_ROWS) continue;
      digests.flush();
      return { rows, hash: hash.digest('hex') };
    }
  }

  /** Runs in a transaction that is rolled back where this answers why the segment is not kept. */
  function take({ table, after }: SegmentWanted, { rows, trailer }: Segment): string | undefined {
    const load = loadersOf(table);
    let newestVer = 0;
    for (const [key, ver, body] of rows) {
      load(key, ver, body);
      if (ver > newestVer) newestVer = ver;
    }
    const stored = hashStored(table, after);
    if (stored.rows !== trailer.rows) return 'keys repeat or come before the segment';
    if (stored.hash !== trailer.hash) return 'the rows are not those of the trailer';
    if (!trailer.done && rows.length === 0) return 'no rows and not the end';
    state.note({
      table,
      rows: rows.length,
      lastKey: trailer.lastKey,
      newestVer,
      done: trailer.done,
    });
    return undefined;
  }

  function segment(
    wanted: SegmentWanted,
    bytes: Uint8Array,
  ): Result<SnapshotProgress, SegmentRefusal> {
    const { next } = state.progress();
    if (next?.table !== wanted.table || next.after !== wanted.after) return ok(state.progress());
    const decoded = decodeSegment(bytes);
    if (!decoded.ok) return damaged(wanted, decoded.error);
    const { rows, trailer } = decoded.value;
    if (trailer.table !== wanted.table) return damaged(wanted, `it is of ${trailer.table}`);
    if (trailer.lastKey !== (rows.at(-1)?.[0] ?? wanted.after))
      return damaged(wanted, 'the trailer names another last key');
    const why = tryTake(wanted, decoded.value);
    return why === undefined ? ok(state.progress()) : damaged(wanted, why);
  }

  function tryTake(wanted: SegmentWanted, decoded: Segment): string | undefined {
    // Thrown so that the transaction is rolled back.
    const refused = new Error('the segment is not kept');
    let why: string | undefined;
    try {
      connection.transaction(() => {
        why = take(wanted, decoded);
        if (why !== undefined) throw refused;
      });
      return undefined;
    } catch (error) {
      if (error === refused) return why;
      if (isConstraint(error)) return 'keys repeat';
      // A build whose pages cannot be read or written is of no use to the next attempt.
      if (isStorageError(error) && error.code === 'storage-failed') throwAway();
      throw error;
    }
  }

  function finish(): Result<SnapshotProgress, SnapshotRefusal> {
    const progress = state.progress();
    assert(progress.next === null, 'a snapshot is finished when no segment is missing');
    if (!state.finished()) {
      const fault = complete();
      if (fault !== undefined) {
        throwAway();
        return err({ code: 'snapshot-damaged', message: fault });
      }
    }
    return ok(progress);
  }

  function throwAway(): void {
    db.close();
    discardBuild(dataDir);
  }

  /** Cards and indexes in one transaction, then every page is read; answers what is wrong with it. */
  function complete(): string | undefined {
    try {
      connection.transaction(makeIndexes);
      const answer = db.pragma('quick_check(1)', { simple: true });
      if (answer !== 'ok') return String(answer);
      connection.transaction(() => state.setFinished());
      return undefined;
    } catch (error) {
      const thrown = toThrown(error);
      if (!isStorageError(thrown) || thrown.code === 'storage-full') throw thrown;
      return thrown.message;
    }
  }

  function makeIndexes(): void {
    // Where two members have one card, the newer version has it.
    connection
      .statement(`
        INSERT INTO member_cards SELECT card, member_no FROM snapshot_cards WHERE true ORDER BY card, ver
        ON CONFLICT (card) DO UPDATE SET member_no = excluded.member_no`)
      .run();
    for (const sql of state.indexes) connection.statement(ifAbsent(sql)).run();
    connection.statement('DELETE FROM snapshot_cards').run();
  }

  return { progress: state.progress, segment, finish, close: () => connection.close() };
}

function isConstraint(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    error.code.startsWith('SQLITE_CONSTRAINT')
  );
}

/** After a cut between making the indexes and the last check they are there already. */
function ifAbsent(sql: string): string {
  return sql.replace(/^CREATE (UNIQUE )?INDEX /i, 'CREATE $1INDEX IF NOT EXISTS ');
}

function damaged(
  { table, after }: SegmentWanted,
  why: string,
): { readonly ok: false; readonly error: SegmentRefusal } {
  return err({ code: 'segment-damaged', message: `${table} after '${after}': ${why}` });
}
