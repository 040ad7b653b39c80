import type { SegmentWanted, SnapshotProgress } from '../../../sync/client/ports.ts';
import type { Cursor } from '../../../sync/protocol/feed.ts';
import type { SnapshotStart } from '../../../sync/protocol/snapshot.ts';
import { assert } from '../../contract/index.ts';
import type { Connection } from '../sqlite/connection.ts';

/** What the build itself keeps in the second file until that is the live one. */
export const BUILD_TABLES = ['snapshot_build', 'snapshot_progress', 'snapshot_cards'] as const;

const SCHEMA = [
  `CREATE TABLE snapshot_build (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    store_id TEXT NOT NULL, timeline TEXT NOT NULL, pos INTEGER NOT NULL, chain TEXT NOT NULL,
    begun_at_ms INTEGER NOT NULL, indexes TEXT NOT NULL, finished INTEGER NOT NULL DEFAULT 0
  ) STRICT`,
  `CREATE TABLE snapshot_progress (
    n INTEGER PRIMARY KEY, tbl TEXT NOT NULL UNIQUE, rows_all INTEGER NOT NULL,
    rows_done INTEGER NOT NULL DEFAULT 0, last_key TEXT NOT NULL DEFAULT '',
    newest_ver INTEGER NOT NULL DEFAULT 0, done INTEGER NOT NULL DEFAULT 0
  ) STRICT`,
  'CREATE TABLE snapshot_cards (card TEXT NOT NULL, member_no INTEGER NOT NULL, ver INTEGER NOT NULL) STRICT',
];

interface BuildRow extends Cursor {
  readonly store_id: string;
  readonly begun_at_ms: number;
  readonly indexes: string;
  readonly finished: 0 | 1;
}

interface ProgressRow {
  readonly tbl: string;
  readonly rows_all: number;
  readonly rows_done: number;
  readonly last_key: string;
  readonly done: 0 | 1;
}

/** What one segment added. */
export interface SegmentTaken {
  readonly table: string;
  readonly rows: number;
  readonly lastKey: string;
  readonly newestVer: number;
  readonly done: boolean;
}

/** How far a build has come, kept in the file that is being built. */
export interface BuildState {
  /** Whose rows they are. */
  readonly storeId: string;
  readonly start: Cursor;
  readonly begunAtMs: number;
  /** SQL of the indexes that are made at the end. */
  readonly indexes: readonly string[];
  finished(): boolean;
  setFinished(): void;
  progress(): SnapshotProgress;
  tables(): string[];
  /** The highest version of any row taken. */
  newestVer(): number;
  note(taken: SegmentTaken): void;
}

/** Lays down what a build needs to know of itself. */
export function beginBuildState(
  connection: Connection,
  { start, tables }: SnapshotStart,
  storeId: string,
  begunAtMs: number,
  indexes: readonly string[],
): void {
  for (const sql of SCHEMA) connection.statement(sql).run();
  connection
    .statement('INSERT INTO snapshot_build VALUES (1, ?, ?, ?, ?, ?, ?, 0)')
    .run(storeId, start.timeline, start.pos, start.chain, begunAtMs, JSON.stringify(indexes));
  const insert = connection.statement(
    'INSERT INTO snapshot_progress (tbl, rows_all) VALUES (?, ?)',
  );
  for (const { table, rows } of tables) insert.run(table, rows);
}

/** Reads a build's state; `undefined` where the file is no build. */
export function readBuildState(connection: Connection): BuildState | undefined {
  const isBuild = connection.statement(
    `SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'snapshot_build'`,
  );
  if (isBuild.get() === undefined) return undefined;
  const build = connection.statement<BuildRow>('SELECT * FROM snapshot_build');
  const progress = connection.statement<ProgressRow>('SELECT * FROM snapshot_progress ORDER BY n');
  const newest = connection.statement<{ ver: number | null }>(
    'SELECT max(newest_ver) AS ver FROM snapshot_progress',
  );
  const note = connection.statement(`
    UPDATE snapshot_progress SET rows_done = rows_done + ?, last_key = ?, newest_ver = max(newest_ver, ?), done = ?
    WHERE tbl = ?`);
  const finish = connection.statement('UPDATE snapshot_build SET finished = 1');
  const first = build.get();
  if (first === undefined) return undefined;
  const { store_id: storeId, timeline, pos, chain, begun_at_ms: begunAtMs, indexes } = first;
  const start = { timeline, pos, chain };

  function nextOf(rows: readonly ProgressRow[]): SegmentWanted | null {
    const open = rows.find(({ done }) => done === 0);
    return open === undefined ? null : { table: open.tbl, after: open.last_key };
  }

  return {
    storeId,
    start,
    begunAtMs,
    indexes: JSON.parse(indexes) as string[],
    finished: () => build.get()?.finished === 1,
    setFinished: () => void finish.run(),
    progress() {
      const rows = progress.all();
      const sum = (of: (row: ProgressRow) => number) => rows.reduce((n, row) => n + of(row), 0);
      return {
        start,
        next: nextOf(rows),
        rowsDone: sum(({ rows_done }) => rows_done),
        rowsAll: sum(({ rows_all }) => rows_all),
      };
    },
    tables: () => progress.all().map(({ tbl }) => tbl),
    newestVer: () => newest.get()?.ver ?? 0,
    note({ table, rows, lastKey, newestVer, done }) {
      const noted = note.run(rows, lastKey, newestVer, done ? 1 : 0, table);
      assert(noted === 1, `the snapshot has a table ${table}`);
    },
  };
}
