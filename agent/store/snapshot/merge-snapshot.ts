import type { Applied, CopyMode, MergeMode } from '../../../sync/client/ports.ts';
import type { Cursor, FeedRow } from '../../../sync/protocol/feed.ts';
import { assert } from '../../contract/index.ts';
import { createConnection } from '../sqlite/connection.ts';
import type { Store } from '../store.ts';
import { readBuildState } from './build-state.ts';
import { isBehind } from './is-behind.ts';
import { openBuildFile } from './snapshot-build.ts';
import { createStoredRows } from './stored-rows.ts';

/** Rows of the first slice; what they took decides about the next. */
export const SLICE_ROWS_FIRST = 32;
/** Rows of a slice, at most. */
export const SLICE_ROWS_MAX = 2_000;

export interface MergeOptions {
  /** The finished build. */
  readonly path: string;
  readonly key: Uint8Array;
  readonly store: Pick<Store, 'sync' | 'transaction'>;
  /** Monotonic milliseconds. */
  readonly monoMs: () => number;
  /** Absent = `newer`. Where headquarters counts on another timeline than the till's, each row that differs is taken. */
  readonly mode?: MergeMode | undefined;
}

/** What one slice did. */
export interface MergedSlice {
  readonly done: boolean;
  readonly rows: number;
  readonly applied: Applied;
}

/** Brings a finished build into a running till, slice by slice. */
export interface SnapshotMerge {
  /** One transaction of about `budgetMs`: the next rows, and what lies between them here and not there goes. */
  step(budgetMs: number): MergedSlice;
  close(): void;
}

/**
 * Goes through the tables of the build in order of the key. Rows that the till has are left alone, so that it can begin
 * again after a kill. A build that was begun behind the till's place in the feed ends where it is: the feed has told more.
 */
export function startMerge({ path, key, store, monoMs, mode }: MergeOptions): SnapshotMerge {
  const db = openBuildFile(path, key);
  assert(db !== undefined, 'a finished build can be opened');
  const connection = createConnection(db);
  const state = readBuildState(connection);
  assert(state?.finished() === true, 'a snapshot is merged once it is finished');
  const { start } = state;
  const read = createStoredRows(connection);
  const tables = state.tables();
  const copy: CopyMode = isOtherTimeline(store.sync.cursor(), start)
    ? 'other-timeline'
    : mode === 'adding'
      ? 'differing'
      : (mode ?? 'newer');
  // A till on another timeline holds rows that this one never had.
  const keepsAbsent = mode === 'adding' && copy !== 'other-timeline';
  // Rows that are newer than the whole snapshot came over another way meanwhile and stay.
  // Those of a store that the till has left count as version 1, which no copy is older than.
  const newest =
    copy === 'other-timeline' ? {} : { newestVer: Math.max(1, state.newestVer()), mode: copy };
  let after = '';
  let sliceRows = SLICE_ROWS_FIRST;

  function slice(): MergedSlice {
    const [table] = tables;
    if (isBehind(start, store.sync.cursor()))
      return { done: true, rows: 0, applied: { changed: [], ignored: 0 } };
    if (table === undefined) return { done: true, rows: 0, applied: store.sync.apply([], start) };
    const rows = read(table, after, sliceRows);
    const isLast = rows.length < sliceRows;
    const to = rows.at(-1)?.[0];
    const applied = store.sync.apply(
      rows.map(([rowKey, ver, body]): FeedRow => [table, rowKey, ver, body]),
      undefined,
      copy,
      start,
    );
    const whole = { after, at: start, ...newest };
    const range = isLast || to === undefined ? whole : { ...whole, to };
    const present = new Set(rows.map(([rowKey]) => rowKey));
    const removed = keepsAbsent ? [] : store.sync.removeAbsent(table, present, range);
    if (isLast) tables.shift();
    after = isLast ? '' : (to ?? '');
    const changed = [...applied.changed, ...removed.map((gone) => ({ table, key: gone }))];
    return { done: false, rows: rows.length, applied: { ...applied, changed } };
  }

  return {
    step(budgetMs) {
      const [table, from] = [tables[0], after];
      const beganMs = monoMs();
      try {
        const done = store.transaction(slice);
        const tookMs = Math.max(monoMs() - beganMs, budgetMs / 4);
        const next = Math.floor((sliceRows * budgetMs) / tookMs);
        sliceRows = Math.min(SLICE_ROWS_MAX, Math.max(1, next));
        return done;
      } catch (error) {
        // Nothing of the slice was kept, so it comes again.
        if (table !== undefined && tables[0] !== table) tables.unshift(table);
        after = from;
        throw error;
      }
    },
    close: () => connection.close(),
  };
}

function isOtherTimeline(own: Cursor | undefined, start: Cursor): boolean {
  return own !== undefined && own.timeline !== start.timeline;
}
